import { canonicalHost } from '@rollcall/sip';

/**
 * The host of a URI, a Via or the operator's as a socket has it: an IPv6 address without brackets, in the text form that equal
 * addresses share (RFC 5954 §4.2).
 */
export function plainHost(host: string): string {
  if (host.startsWith('[')) return canonicalHost(host).slice(1, -1);
  return host.includes(':') ? canonicalHost(`[${host}]`).slice(1, -1) : host;
}
