import { createHash } from 'node:crypto';

/** How an AOR is written into a log. */
export type AorInLogs = (aor: string) => string;

/**
 * How AORs are written into logs: they are personal data, so by default a short hash stands for them. It is the same in
 * every service, so that one AOR's lines can still be found: `printf %s sip:alice@example.com | sha256sum | head -c 12`.
 */
export function aorInLogs(mode: 'hash' | 'plain'): AorInLogs {
  return mode === 'plain' ? (aor) => aor : hashAor;
}

/** The first 12 hexadecimal digits of the AOR's SHA-256. */
export function hashAor(aor: string): string {
  return createHash('sha256').update(aor, 'latin1').digest('hex').slice(0, 12);
}
