import { BlockList, isIP } from 'node:net';

/** A network, or a single address as the smallest of them. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
}

/** Says whether an address, an IP literal, lies in one of some networks. */
export type NetworkTest = (host: string) => boolean;

/** Reads `address` or `address/prefix`; undefined where it is neither. */
export function readNetwork(text: string): Network | undefined {
  const [, address = '', digits] = /^([0-9A-Fa-f:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  const widest = family === 6 ? 128 : 32;
  const prefix = digits === undefined ? widest : Number(digits);
  return family === 0 || prefix > widest ? undefined : { address, prefix };
}

/** Prepares networks for tests. */
export function testNetworks(networks: readonly Network[]): NetworkTest {
  const list = new BlockList();
  for (const { address, prefix } of networks) list.addSubnet(address, prefix, familyOf(address));
  return (host) => isIP(host) !== 0 && list.check(host, familyOf(host));
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4';
}
