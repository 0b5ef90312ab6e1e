import { canonicalHost, isIpv6Reference } from '@rollcall/sip';

const hostName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/**
 * A domain that may be served, as AORs have it: in lower case, an IPv6 address in brackets and in the form of RFC 5952.
 * Undefined for what is none.
 */
export function readDomainName(text: string): string | undefined {
  const name = text.toLowerCase();
  if (isIpv6Reference(name)) return canonicalHost(name);
  return hostName.test(name) ? name : undefined;
}
