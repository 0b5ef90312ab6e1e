import { Resolver } from 'node:dns/promises';
import type { ServerRecords } from './server-records.ts';

/** How long one question may take, all servers and repetitions together: about twice of it. */
const timeoutMs = 1000;
const tries = 2;

/** Answers that are no fault: there is no such name, or it has no such records. */
const nothing = new Set(['ENOTFOUND', 'ENODATA']);

/**
 * The DNS as the system is configured, or the given servers ("192.0.2.53", "[2001:db8::53]:5353"). Questions are bounded in time;
 * nothing is kept, since who asks through it asks seldom.
 */
export function dnsRecords(servers: readonly string[] = []): ServerRecords {
  const resolver = new Resolver({ timeout: timeoutMs, tries });
  if (servers.length > 0) resolver.setServers(servers);
  return {
    naptr: (name) => orNone(resolver.resolveNaptr(name)),
    srv: (name) => orNone(resolver.resolveSrv(name)),
    addresses: async (name) => {
      const [ipv4, ipv6] = await Promise.allSettled([
        orNone(resolver.resolve4(name)),
        orNone(resolver.resolve6(name)),
      ]);
      // One family that answers is enough; IPv4 first, because most servers listen there.
      if (ipv4.status === 'rejected' && ipv6.status === 'rejected') throw ipv4.reason;
      return [
        ...(ipv4.status === 'fulfilled' ? ipv4.value : []),
        ...(ipv6.status === 'fulfilled' ? ipv6.value : []),
      ];
    },
  };
}

async function orNone<T>(asked: Promise<T[]>): Promise<T[]> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && 'code' in error && nothing.has(String(error.code))) return [];
    throw error;
  }
}
