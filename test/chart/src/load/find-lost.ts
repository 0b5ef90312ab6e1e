import { type ClientTlsFiles, connectToRollcall } from '@rollcall/client';
import type { Acknowledged } from './subscribers.ts';

/**
 * Asks location for everything that was acknowledged.
 *
 * @param target of location's API
 * @param tls what it is asked with; undefined where it speaks no TLS
 * @returns a line for each AOR that is not known as its phone was told
 */
export async function findLost(
  target: string,
  acknowledged: readonly Acknowledged[],
  tls: ClientTlsFiles | undefined,
): Promise<string[]> {
  const client = connectToRollcall(target, tls === undefined ? {} : { tls });
  try {
    const found = await client.lookUpAll(acknowledged.map(({ aor }) => aor));
    return acknowledged.flatMap(({ aor, contacts }, index) => {
      const registration = found[index];
      if (registration === undefined || registration instanceof Error)
        return [`${aor}: ${registration?.message ?? 'no answer'}`];
      const bound = registration.bindings.map(({ contact }) => contact);
      if (bound.length === 1 && contacts.includes(bound[0] ?? '')) return [];
      return [
        `${aor}: acknowledged was ${contacts.join(' or ')}, found was ${bound.join(', ') || 'nothing'}`,
      ];
    });
  } finally {
    client.close();
  }
}
