import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { type Flow, type HostPort, isWildcard, type TransportName } from '@rollcall/transport';
import type { ListenerSetting } from './listener-setting.ts';
import { type Network, readNetwork, testNetworks } from './networks.ts';

/** What the operator says that listeners are reached at (EDGE_ADVERTISE). */
export interface AdvertisedAddress {
  /** A name or an address, IPv6 without brackets. */
  readonly host: string;
  /** undefined for that of the listener. */
  readonly port: number | undefined;
}

/**
 * Reads "host[:port]"; undefined where it is neither. IPv6 needs brackets with a port only, and IPv4 may have them, since
 * Kubernetes says an address without telling its family.
 */
export function readAdvertisedAddress(text: string): AdvertisedAddress | undefined {
  if (isIPv6(text)) return { host: text, port: undefined };
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? undefined : Number(match[3]);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  return match?.[1] !== undefined && isIP(host) === 0 ? undefined : { host, port };
}

interface Listening {
  readonly transport: TransportName;
  readonly address: HostPort;
}

type Way = Pick<Flow, 'transport' | 'local' | 'remote'>;

/** Where peers reach this edge: what it puts into Via, Contact, Path and Record-Route. */
export class OwnAddress {
  readonly #advertised: ListenerSetting<AdvertisedAddress>;
  readonly #listeners: readonly Listening[];

  constructor(advertised: ListenerSetting<AdvertisedAddress>, listeners: readonly Listening[]) {
    this.#advertised = advertised;
    this.#listeners = listeners;
  }

  /**
   * Of the listener that the flow belongs to, for the flow's peer: of several that are advertised, one of the peer's family.
   * Without EDGE_ADVERTISE, and where the listener takes what comes to any address of the machine, it is the address of the
   * network that the peer is in, or else the first one.
   */
  of(way: Way): HostPort {
    const { advertised, port } = this.#find(way);
    const near = advertised.find(({ host }) => isIP(host) === 0 || isIP(host) === isIP(way.remote.host));
    return addressAt(near ?? advertised[0], port) ?? ofMachine(way, port);
  }

  /** The same for others than the flow's peer, whose family nobody knows: the first that is advertised. */
  forOthers(way: Way): HostPort {
    const { advertised, port } = this.#find(way);
    return addressAt(advertised[0], port) ?? ofMachine(way, port);
  }

  /** All that this edge is known by to whoever is at the other end of a flow. */
  all({ local, remote }: Omit<Way, 'transport'>): HostPort[] {
    return this.#listeners.flatMap(({ transport, address }) => {
      const way = { transport, local: { host: local.host, port: address.port }, remote };
      const { advertised, port } = this.#find(way);
      return advertised.length === 0
        ? [ofMachine(way, port)]
        : advertised.map((each) => ({ host: each.host, port: each.port ?? port }));
    });
  }

  #find({ transport, local }: Way): { advertised: readonly AdvertisedAddress[]; port: number } {
    const ours = this.#listeners.filter((each) => each.transport === transport);
    // A connection that was made from here has a port of its own, at which nobody listens.
    const listener = ours.find(({ address }) => address.port === local.port) ?? ours[0];
    const port = listener?.address.port ?? local.port;
    const all = this.#advertised.of(transport, port);
    // Kubernetes says all addresses of a pod, also of families that nobody listens for.
    const served = all.filter(({ host }) => listener === undefined || serves(listener.address.host, host));
    return { advertised: served.length > 0 ? served : all, port };
  }
}

function addressAt(advertised: AdvertisedAddress | undefined, port: number): HostPort | undefined {
  return advertised && { host: advertised.host, port: advertised.port ?? port };
}

/** Whether who listens at one address may be reached at another: not by the other family, unless it takes any of IPv6. */
function serves(listening: string, host: string): boolean {
  return listening === '::' || isIP(host) === 0 || isIP(host) === isIP(listening);
}

function ofMachine({ local, remote }: Way, port: number): HostPort {
  const isKnown = local.host !== '' && !isWildcard(local.host);
  return { host: isKnown ? local.host : addressToward(remote.host), port };
}

function addressToward(peer: string): string {
  const family = isIPv6(peer) ? 'IPv6' : 'IPv4';
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.filter((each) => each.family === family && !each.address.startsWith('fe80:'));
  const near = own.find(({ cidr }) => testNetworks(networksOf(cidr))(peer));
  const found = near ?? own.find(({ internal }) => !internal) ?? own[0];
  return found?.address ?? (family === 'IPv6' ? '::1' : '127.0.0.1');
}

function networksOf(cidr: string | null): Network[] {
  const network = cidr === null ? undefined : readNetwork(cidr);
  return network === undefined ? [] : [network];
}
