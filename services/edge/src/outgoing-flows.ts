import { isIP, isIPv6 } from 'node:net';
import {
  type Flow,
  formatHostPort,
  type HostPort,
  type Listener,
  type TransportName,
} from '@rollcall/transport';

/** How long a connection may take to be made. */
const connectMs = 2000;

/** A listener by whose socket, or beside it, others can be reached; those that cannot have neither. */
interface Reaching extends Listener {
  /** A datagram's way to a peer. */
  flowTo?(remote: HostPort): Flow;
  /** A new connection to a peer; rejects where there is none in time. */
  connect?(remote: HostPort, timeoutMs: number): Promise<Flow>;
}

/**
 * Ways to peers that no flow leads to (yet): a datagram leaves by the listener's own socket; connections are made once and
 * used again while they are open (RFC 3261 §18).
 */
export class OutgoingFlows {
  readonly #listeners: readonly Reaching[];
  /** Connections made from here, and those being made, by transport and peer. */
  readonly #made = new Map<string, Promise<Flow>>();

  constructor(listeners: readonly Listener[]) {
    this.#listeners = listeners;
  }

  /**
   * A flow to an IP literal and port; undefined where no connection can be made, or this edge does not speak the
   * transport.
   */
  async reach(transport: TransportName, remote: HostPort): Promise<Flow | undefined> {
    if (isIP(remote.host) === 0) return undefined;
    const listener = this.#listeners.find((each) => each.transport === transport && mayReach(each, remote));
    if (listener?.flowTo !== undefined) return listener.flowTo(remote);
    const key = `${transport} ${formatHostPort(remote)}`;
    const making = this.#made.get(key);
    if (making !== undefined) {
      const made = await making.catch(() => undefined);
      if (made === undefined || made.open) return made;
    }
    if (listener?.connect === undefined) return undefined;
    const connecting = listener.connect(remote, connectMs);
    this.#made.set(key, connecting);
    try {
      return await connecting;
    } catch {
      if (this.#made.get(key) === connecting) this.#made.delete(key);
      return undefined;
    }
  }

  /** Forgets a connection that is gone. */
  onFlowClosed(flow: Flow): void {
    this.#made.delete(`${flow.transport} ${formatHostPort(flow.remote)}`);
  }
}

/** A socket of one family does not reach the other, unless it takes any address of IPv6. */
function mayReach({ address }: Reaching, remote: HostPort): boolean {
  return isIPv6(address.host) === isIPv6(remote.host) || address.host === '::';
}
