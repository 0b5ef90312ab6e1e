import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { classifyDatagram, skipLeadingLineEnds } from './datagram-filter.ts';
import type { Flow, Listener, MessageSink } from './flow.ts';
import { FlowTable, type UdpFlowSource } from './flow-table.ts';
import type { HostPort } from './host-port.ts';
import { mapIpv4, unmapIpv4 } from './ip-address.ts';
import { createTransportStats, type TransportStats } from './transport-stats.ts';
import { UdpFlow } from './udp-flow.ts';

/** Settings of {@link listenUdp}; all have defaults. */
export interface UdpOptions {
  /** Where flow tokens are looked up later; shared with the other listeners. */
  readonly flows?: FlowTable;
  readonly stats?: TransportStats;
  /**
   * Room for datagrams that wait while the process is busy, in bytes. The system may grant less (net.core.rmem_max on
   * Linux); `recvBufferBytes` tells. Default 4 MiB: at 4,000 datagrams a second, about a second.
   */
  readonly recvBufferBytes?: number;
  readonly sendBufferBytes?: number;
  /** Lets several processes share the port; the kernel spreads the sources over them. Default false. */
  readonly reusePort?: boolean;
  /** Keeps an IPv6 socket from taking IPv4 too, where another listener has that. Default false. */
  readonly ipv6Only?: boolean;
  /** Takes STUN requests (RFC 5389), which share the port; without it they are counted and dropped. */
  readonly onStun?: (bytes: Buffer, flow: Flow) => void;
}

const DEFAULT_BUFFER_BYTES = 4 * 1024 * 1024;

/** Listens for SIP on UDP; `address.host` is an IP literal. Rejects with the system's error when the address cannot be bound. */
export async function listenUdp(
  address: HostPort,
  sink: MessageSink,
  options: UdpOptions = {},
): Promise<UdpListener> {
  const family = isIP(address.host);
  if (family === 0) throw new TypeError(`UDP listens on an IP address, not on the name "${address.host}"`);
  const socket = createSocket({
    type: family === 6 ? 'udp6' : 'udp4',
    reusePort: options.reusePort ?? false,
    ipv6Only: options.ipv6Only ?? false,
    recvBufferSize: options.recvBufferBytes ?? DEFAULT_BUFFER_BYTES,
    sendBufferSize: options.sendBufferBytes ?? DEFAULT_BUFFER_BYTES,
    // Only literals get here: without this, each send asks the resolver to find out the same.
    lookup: (host, _options, done) => done(null, host, family),
  });
  // Before the call: with the lookup above the event comes within it. Rejects on 'error'.
  const listening = once(socket, 'listening');
  socket.bind({ address: address.host, port: address.port });
  await listening;
  return new UdpListener(socket, sink, options);
}

/**
 * A UDP socket; answers leave from the address that the requests came to (RFC 3581 §4), as long as it is bound to one: of a
 * wildcard the system chooses, which is why `listenUdpWildcard` has a socket for each address.
 */
export class UdpListener implements Listener, UdpFlowSource {
  readonly transport = 'udp';
  readonly address: HostPort;
  readonly stats: TransportStats;
  /** What the system granted, in bytes, to be compared with what was asked for. */
  readonly recvBufferBytes: number;
  readonly #socket: Socket;
  readonly #sink: MessageSink;
  readonly #flows: FlowTable;
  readonly #onStun: ((bytes: Buffer, flow: Flow) => void) | undefined;
  readonly #isIpv6: boolean;
  #stopped = false;
  #open = true;

  constructor(socket: Socket, sink: MessageSink, options: UdpOptions) {
    const { address, port, family } = socket.address();
    this.address = { host: address, port };
    this.stats = options.stats ?? createTransportStats();
    // Linux doubles what is asked for, for its own bookkeeping, and says the double (socket(7)).
    this.recvBufferBytes = socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1);
    this.#socket = socket;
    this.#sink = sink;
    this.#flows = options.flows ?? new FlowTable();
    this.#onStun = options.onStun;
    this.#isIpv6 = family === 'IPv6';
    this.#flows.addUdp(this);
    socket.on('message', (bytes, source) => this.#receive(bytes, source));
    socket.on('error', () => this.#countSendFailure());
  }

  get open(): boolean {
    return this.#open;
  }

  flowTo(remote: HostPort): Flow {
    return new UdpFlow(this, remote);
  }

  /** Sends one datagram; a failure is counted, never thrown. */
  send(remote: HostPort, bytes: Buffer): void {
    const { stats } = this;
    if (!this.#open) {
      stats.dropped['send-closed'] += 1;
      return;
    }
    if (remote.port < 1 || remote.port > 65_535 || isIP(remote.host) === 0) {
      stats.dropped['send-not-an-address'] += 1;
      return;
    }
    stats.datagramsSent += 1;
    stats.bytesSent += bytes.length;
    const host = this.#isIpv6 ? mapIpv4(remote.host) : remote.host;
    // Without offset and length: with them Node makes a second Buffer of the same bytes.
    this.#socket.send(bytes, remote.port, host, this.#onSent);
    this.#sink.onSent?.(bytes, { transport: 'udp', local: this.address, remote });
  }

  /** Drops what arrives from now on; answers still leave. */
  stop(): void {
    this.#stopped = true;
  }

  /** Nothing to do: datagrams are answered until the socket closes. */
  async drain(): Promise<void> {
    // A phone on UDP has no connection that could be closed.
  }

  async close(): Promise<void> {
    this.#stopped = true;
    if (!this.#open) return;
    this.#open = false;
    this.#flows.removeUdp(this);
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }

  #receive(bytes: Buffer, source: RemoteInfo): void {
    const { stats } = this;
    stats.datagramsReceived += 1;
    stats.bytesReceived += bytes.length;
    if (this.#stopped) {
      stats.dropped.stopped += 1;
      return;
    }
    const start = skipLeadingLineEnds(bytes);
    const kind = classifyDatagram(bytes, start);
    if (kind !== 'sip' && (kind !== 'stun' || this.#onStun === undefined)) {
      stats.dropped[kind] += 1;
      return;
    }
    const host = this.#isIpv6 ? unmapIpv4(source.address) : source.address;
    const flow = new UdpFlow(this, { host, port: source.port });
    if (kind === 'stun') {
      this.stats.stunReceived += 1;
      this.#onStun?.(bytes, flow);
    } else this.#sink.onMessage(start === 0 ? bytes : bytes.subarray(start), flow);
  }

  /** One function for all sends: a closure each would cost more than the send's bookkeeping. */
  readonly #onSent = (error: Error | null): void => {
    if (error !== null) this.#countSendFailure();
  };

  #countSendFailure(): void {
    this.stats.dropped['send-failed'] += 1;
  }
}
