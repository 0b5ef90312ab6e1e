import { isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Flow, Listener, MessageSink } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import type { HostPort } from './host-port.ts';
import { createTransportStats, type TransportStats } from './transport-stats.ts';
import { listenUdp, type UdpListener, type UdpOptions } from './udp-listener.ts';

/** Settings of {@link listenUdpWildcard}; all have defaults. */
export interface UdpWildcardOptions extends Omit<UdpOptions, 'reusePort'> {
  /** The machine's addresses as they are now. Default: those of its interfaces. */
  readonly addresses?: () => readonly string[];
  /** How often they are looked at, in milliseconds. Default 5,000. */
  readonly lookEveryMs?: number;
}

/** Most addresses with a socket of their own; what comes to others is taken by the wildcard's, as everything would be. */
const mostAddresses = 256;

/** Whether an address means every address of the machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/**
 * Whether who listens there must have a socket for each address, to answer from the right one: of a wildcard, on Linux.
 * Other systems do not let a port be shared like that; there the system chooses.
 */
export function needsUdpWildcard(host: string): boolean {
  return process.platform === 'linux' && isWildcard(host);
}

/**
 * Listens at every address of the machine, now and later. Rejects with the system's error when the port cannot be had,
 * also where somebody else would share it.
 *
 * @param address 0.0.0.0, or :: for IPv6 and, unless `ipv6Only`, IPv4
 */
export async function listenUdpWildcard(
  address: HostPort,
  sink: MessageSink,
  options: UdpWildcardOptions = {},
): Promise<UdpWildcard> {
  const { addresses = ofInterfaces, lookEveryMs = 5_000, ...given } = options;
  const shared = {
    ...given,
    stats: given.stats ?? createTransportStats(),
    flows: given.flows ?? new FlowTable(),
  };
  // The sockets of a port must all be willing to share it, and would then share it with a second edge too, which would
  // start without a word and take a part of the requests. So the port is first asked for alone.
  const alone = await listenUdp(address, sink, shared);
  const { port } = alone.address;
  await alone.close();
  const open = (host: string) =>
    listenUdp({ host, port }, sink, {
      ...shared,
      reusePort: true,
      // The wildcard's takes IPv4 too where it may; one for an IPv6 address never does.
      ipv6Only: isWildcard(host) ? shared.ipv6Only === true : isIPv6(host),
    });
  const takesBoth = address.host === '::' && shared.ipv6Only !== true;
  const own = () => addresses().filter((host) => takesBoth || isIPv6(host) === isIPv6(address.host));
  const listener = new UdpWildcard(await open(address.host), open, own);
  await listener.look();
  listener.lookEvery(lookEveryMs);
  return listener;
}

/**
 * UDP at all addresses of the machine, with a socket for each and one for the rest. An answer must leave from the address
 * that the request came to (RFC 3581 §4), or NATs and phones do not know it; of a single socket the system chooses the
 * address, by its routes, since Node can neither learn nor say it (IP_PKTINFO). Of sockets that share a port the kernel
 * gives a datagram to the one bound to its address (Linux: `compute_score` counts a bound address higher). What comes
 * to an address without a socket, which is newer than the last look or belongs to no interface, is taken all the same.
 */
export class UdpWildcard implements Listener {
  readonly transport = 'udp';
  /** Takes what no other socket is for. */
  readonly #rest: UdpListener;
  readonly #byAddress = new Map<string, UdpListener>();
  readonly #open: (host: string) => Promise<UdpListener>;
  readonly #addresses: () => readonly string[];
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #closed = false;

  constructor(
    rest: UdpListener,
    open: (host: string) => Promise<UdpListener>,
    addresses: () => readonly string[],
  ) {
    this.#rest = rest;
    this.#open = open;
    this.#addresses = addresses;
  }

  get address(): HostPort {
    return this.#rest.address;
  }

  get stats(): TransportStats {
    return this.#rest.stats;
  }

  /** What the system granted each socket, in bytes. */
  get recvBufferBytes(): number {
    return this.#rest.recvBufferBytes;
  }

  /** By the socket of no address: which one the peer will see is the system's choice, by the route to it. */
  flowTo(remote: HostPort): Flow {
    return this.#rest.flowTo(remote);
  }

  stop(): void {
    this.#stopped = true;
    for (const each of this.#all()) each.stop();
  }

  async drain(): Promise<void> {
    // As a single socket: no connection that could be closed.
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#all().map((each) => each.close()));
  }

  /** Looks again and again. */
  lookEvery(everyMs: number): void {
    this.#timer = setInterval(() => void this.look(), everyMs).unref();
  }

  /** Opens sockets for addresses that have come, and closes those of addresses that have gone. */
  look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#look());
    return this.#looking;
  }

  async #look(): Promise<void> {
    const addresses = this.#read();
    if (addresses === undefined) return;
    for (const [host, socket] of this.#byAddress) {
      if (addresses.has(host)) continue;
      this.#byAddress.delete(host);
      await socket.close();
    }
    for (const host of addresses) {
      if (this.#closed) return;
      if (this.#byAddress.has(host)) continue;
      // An address that cannot be bound is gone again, or not ready yet (RFC 4862 §5.4): the next look tries once more.
      const socket = await this.#open(host).catch(() => undefined);
      if (socket === undefined) continue;
      if (this.#stopped) socket.stop();
      this.#byAddress.set(host, socket);
    }
  }

  /** Undefined where a sandbox lets nobody ask for them: then all stays as it is, and the wildcard's socket takes the rest. */
  #read(): ReadonlySet<string> | undefined {
    try {
      return new Set(this.#addresses().slice(0, mostAddresses));
    } catch {
      return undefined;
    }
  }

  #all(): UdpListener[] {
    return [this.#rest, ...this.#byAddress.values()];
  }
}

/** Without the link-local ones: their peers are on the same link, where the system chooses rightly. */
function ofInterfaces(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = all.map(({ address }) => address);
  return own.filter((address) => !/^fe[89ab]/i.test(address));
}
