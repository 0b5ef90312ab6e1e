import { randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import type { Flow } from './flow.ts';
import { formatHostPort, type HostPort, parseHostPort } from './host-port.ts';

/** The part of a UDP listener that its flows need, and by which they are made again. */
export interface UdpFlowSource {
  readonly address: HostPort;
  readonly open: boolean;
  /** The flow to a peer, whether or not a datagram came from there. */
  flowTo(remote: HostPort): Flow;
  send(remote: HostPort, bytes: Buffer): void;
}

/** Longer tokens are not ours: two bracketed IPv6 addresses with zones and ports stay far below. */
const MAX_TOKEN_LENGTH = 150;
const UDP_MARK = 'u~';
const STREAM_MARK = 's~';

/**
 * Finds flows by their token. One table serves all listeners of a process.
 *
 * Stream flows are those that are open now. Their tokens carry a random part made at start, so that a token of an earlier run
 * never means a connection of this one. A UDP flow is nothing but its two addresses, so its token names them and nothing
 * is held. Tokens are not protected: who puts one into a message that others can change signs it (RFC 5626 §5.2).
 */
export class FlowTable {
  readonly #run = randomBytes(6).toString('hex');
  readonly #streams = new Map<string, Flow>();
  readonly #udp = new Map<string, UdpFlowSource>();
  #count = 0;

  /** Open stream flows. */
  get size(): number {
    return this.#streams.size;
  }

  /** The flow of a token while it is open; undefined for one that is closed, of another process, or no token at all. */
  find(token: string): Flow | undefined {
    if (token.length > MAX_TOKEN_LENGTH) return undefined;
    return token.startsWith(UDP_MARK) ? this.#findUdp(token) : this.#streams.get(token);
  }

  /** A new token for a connection. */
  mintStreamToken(): string {
    this.#count += 1;
    return `${STREAM_MARK}${this.#run}~${this.#count.toString(36)}`;
  }

  add(flow: Flow): void {
    this.#streams.set(flow.flowToken, flow);
  }

  remove(flow: Flow): void {
    this.#streams.delete(flow.flowToken);
  }

  addUdp(source: UdpFlowSource): void {
    this.#udp.set(formatHostPort(source.address), source);
  }

  removeUdp(source: UdpFlowSource): void {
    this.#udp.delete(formatHostPort(source.address));
  }

  #findUdp(token: string): Flow | undefined {
    const [, local = '', remote = ''] = token.split('~');
    const source = this.#udp.get(local);
    const peer = readAddress(remote);
    return source === undefined || peer === undefined ? undefined : source.flowTo(peer);
  }
}

/** The token of a UDP flow. */
export function formatUdpToken(local: HostPort, remote: HostPort): string {
  return `${UDP_MARK}${formatHostPort(local)}~${formatHostPort(remote)}`;
}

/** Only an address literal and a real port: a token never causes a DNS query. */
function readAddress(text: string): HostPort | undefined {
  try {
    const address = parseHostPort(text);
    return address.port > 0 && isIP(address.host) !== 0 ? address : undefined;
  } catch {
    return undefined;
  }
}
