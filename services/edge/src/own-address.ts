import { BlockList, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Flow, HostPort, TransportName } from '@rollcall/transport';

/** What the operator says that this edge is reached at (EDGE_ADVERTISE). */
export interface AdvertisedAddress {
  /** A name or an address, IPv6 without brackets; empty for the listener's own. */
  readonly host: string;
  /** undefined for that of the listener. */
  readonly port: number | undefined;
}

/** Reads "host[:port]", IPv6 in brackets, or nothing; undefined where it is neither. */
export function readAdvertisedAddress(text: string): AdvertisedAddress | undefined {
  if (text === '') return { host: '', port: undefined };
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return match?.[1] !== undefined && !isIPv6(host) ? undefined : { host, port };
}

interface Listening {
  readonly transport: TransportName;
  readonly address: HostPort;
}

const wildcards: ReadonlySet<string> = new Set(['0.0.0.0', '::', '']);

/** Where peers reach this edge: what it puts into the Via and Contact of requests of its own. */
export class OwnAddress {
  readonly #advertised: AdvertisedAddress;
  readonly #listeners: readonly Listening[];

  constructor(advertised: AdvertisedAddress, listeners: readonly Listening[]) {
    this.#advertised = advertised;
    this.#listeners = listeners;
  }

  /**
   * Of the listener that the flow belongs to. Without EDGE_ADVERTISE, and where the listener takes what comes to any
   * address of the machine, it is the address of the network that the peer is in, or else the first one.
   */
  of({ transport, local, remote }: Pick<Flow, 'transport' | 'local' | 'remote'>): HostPort {
    const ours = this.#listeners.filter((each) => each.transport === transport);
    // A connection that was made from here has a port of its own, at which nobody listens.
    const listener = ours.find(({ address }) => address.port === local.port) ?? ours[0];
    const port = this.#advertised.port ?? listener?.address.port ?? local.port;
    if (this.#advertised.host !== '') return { host: this.#advertised.host, port };
    return { host: wildcards.has(local.host) ? addressToward(remote.host) : local.host, port };
  }
}

function addressToward(peer: string): string {
  const family = isIPv6(peer) ? 'IPv6' : 'IPv4';
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.filter((each) => each.family === family && !each.address.startsWith('fe80:'));
  const near = own.find(({ cidr }) => cidr !== null && contains(cidr, peer, family));
  const found = near ?? own.find(({ internal }) => !internal) ?? own[0];
  return found?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1');
}

function contains(cidr: string, peer: string, family: 'IPv4' | 'IPv6'): boolean {
  const [network = '', bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family === 'IPv6' ? 'ipv6' : 'ipv4');
  return list.check(peer, family === 'IPv6' ? 'ipv6' : 'ipv4');
}
