import { BlockList, isIP } from 'node:net';

/** Says whether an IP address lies in a set of networks. */
export type NetworkTest = (address: string) => boolean;

/** IP address of "host:port" (IPv6 in brackets); an IPv4 address mapped into IPv6 becomes IPv4 again. */
export function sourceAddress(hostPort: string): string {
  const colon = hostPort.lastIndexOf(':');
  const host = hostPort.startsWith('[')
    ? hostPort.slice(1, hostPort.indexOf(']'))
    : hostPort.slice(0, colon < 0 ? hostPort.length : colon);
  const unmapped = host.toLowerCase().startsWith('::ffff:') ? host.slice('::ffff:'.length) : '';
  return isIP(unmapped) === 4 ? unmapped : host;
}

/** Prepares networks (CIDR, or single addresses) for tests. A malformed network holds nobody. */
export function compileNetworks(networks: readonly string[]): NetworkTest {
  if (networks.length === 0) return () => false;
  const list = new BlockList();
  for (const network of networks) addNetwork(list, network);
  return (address) => {
    const family = isIP(address);
    return family !== 0 && list.check(address, family === 6 ? 'ipv6' : 'ipv4');
  };
}

function addNetwork(list: BlockList, network: string): void {
  const slash = network.indexOf('/');
  const base = slash < 0 ? network : network.slice(0, slash);
  const family = isIP(base);
  if (family === 0) return;
  const widest = family === 6 ? 128 : 32;
  const prefix = slash < 0 ? widest : Number(network.slice(slash + 1));
  if (!Number.isInteger(prefix) || prefix < 0 || prefix > widest) return;
  list.addSubnet(base, prefix, family === 6 ? 'ipv6' : 'ipv4');
}
