import ipaddr from 'ipaddr.js';

/** Reads "192.0.2.0/24", "2001:db8::/32" or a single address, and returns it as CIDR; undefined for anything else. */
export function readNetwork(text: string): string | undefined {
  if (ipaddr.isValidCIDR(text)) {
    const [address, prefix] = ipaddr.parseCIDR(text);
    return `${address.toString()}/${prefix}`;
  }
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return undefined;
  const address = ipaddr.parse(text);
  return `${address.toString()}/${address.kind() === 'ipv4' ? 32 : 128}`;
}

/** The usual spelling of a source address; IPv4 in IPv6 is IPv4. Text that is no address stays as it is. */
export function normaliseSource(source: string): string {
  return ipaddr.isValid(source) ? ipaddr.process(source).toString() : source;
}

/** Says whether an address lies in one of the networks. */
export function isWithin(source: string, networks: readonly string[]): boolean {
  if (networks.length === 0 || !ipaddr.isValid(source)) return false;
  const address = ipaddr.process(source);
  return networks.some((network) => {
    const [base, prefix] = ipaddr.parseCIDR(network);
    return base.kind() === address.kind() && address.match(base, prefix);
  });
}
