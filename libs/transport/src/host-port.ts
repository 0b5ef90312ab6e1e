import { isIP } from 'node:net';

/** A listener's or a peer's address: an IP literal (IPv6 without brackets) or a name, and a port (0..65535). */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/**
 * Reads `host:port`; an IPv6 host stands in brackets. Port 0 asks the system for a free one.
 * Throws a TypeError that says what is wrong, in words fit for a configuration report.
 */
export function parseHostPort(text: string): HostPort {
  const colon = text.lastIndexOf(':');
  if (colon < 0) throw new TypeError(`"${text}" has no port: write host:port`);
  const host = parseHost(text.slice(0, colon), text);
  const digits = text.slice(colon + 1);
  const port = Number(digits);
  if (!/^\d{1,5}$/.test(digits) || port > 65_535) {
    throw new TypeError(`"${text}" has no valid port: 0 to 65535 are allowed`);
  }
  return { host, port };
}

/** The inverse of {@link parseHostPort}: IPv6 hosts get their brackets. */
export function formatHostPort(address: HostPort): string {
  return address.host.includes(':') ? `[${address.host}]:${address.port}` : `${address.host}:${address.port}`;
}

function parseHost(text: string, whole: string): string {
  if (text.startsWith('[')) {
    const inside = text.slice(1, -1);
    if (!text.endsWith(']') || isIP(inside) !== 6) {
      throw new TypeError(`"${whole}" has no valid IPv6 address in brackets`);
    }
    return inside;
  }
  if (text === '') throw new TypeError(`"${whole}" has no host: write host:port`);
  if (text.includes(':'))
    throw new TypeError(`"${whole}": an IPv6 address stands in brackets, as in [::]:5060`);
  return text;
}
