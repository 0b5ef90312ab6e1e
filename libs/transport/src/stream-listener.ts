import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { ConnectionSet, type MakeConnection } from './connection-set.ts';
import type { Listener, MessageSink, TransportName } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import type { HostPort } from './host-port.ts';
import { peerOf } from './ip-address.ts';
import { type ProxyTrust, takeProxyHeader } from './proxy-reader.ts';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream-limits.ts';
import { createTransportStats, type TransportStats } from './transport-stats.ts';

/** Settings of the stream listeners; all have defaults. */
export interface StreamOptions {
  /** Where flow tokens are looked up later; shared with the other listeners. */
  readonly flows?: FlowTable;
  readonly stats?: TransportStats;
  readonly limits?: Partial<StreamLimits>;
  /** Keeps an IPv6 socket from taking IPv4 too, where another listener has that. Default false. */
  readonly ipv6Only?: boolean;
  /** Connections that wait to be accepted; the system may allow fewer (net.core.somaxconn). Default 1024. */
  readonly backlog?: number;
  /** Proxies in front, whose connections begin with a header of the PROXY protocol; without it nobody's do. */
  readonly proxies?: ProxyTrust;
}

/**
 * What lies between an accepted socket and its flow: nothing for TCP, TLS for `tls`, HTTP's upgrade for `ws`, both for `wss`.
 * `ready` is called when it is done; where it fails, the socket is destroyed. How long it may take is the listener's affair.
 */
export type Handshake = (socket: Socket, ready: (make: MakeConnection) => void) => void;

/** What makes a stream listener one of its transport. */
export interface StreamTransport {
  readonly name: Exclude<TransportName, 'udp'>;
  readonly handshake: Handshake;
}

/** Opens a listening socket. Rejects with the system's error when the address cannot be bound. */
export async function openServer(
  address: HostPort,
  { backlog = 1_024, ipv6Only = false }: Pick<StreamOptions, 'backlog' | 'ipv6Only'>,
): Promise<Server> {
  // Half-open connections are allowed, since a client may close its side and still wait for its answers.
  const server = createServer({ allowHalfOpen: true });
  server.listen({ host: address.host, port: address.port, backlog, ipv6Only });
  // Rejects on 'error'.
  await once(server, 'listening');
  return server;
}

/** A listening socket and its connections. Each connection is a flow; answers leave by the one the request came by. */
export class StreamListener implements Listener {
  readonly transport: Exclude<TransportName, 'udp'>;
  readonly address: HostPort;
  readonly stats: TransportStats;
  protected readonly connections: ConnectionSet;
  readonly #server: Server;
  readonly #closed: Promise<void>;
  readonly #proxyHeaderTimeoutMs: number;

  constructor(server: Server, transport: StreamTransport, sink: MessageSink, options: StreamOptions) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('the server has no address');
    this.transport = transport.name;
    this.address = { host: bound.address, port: bound.port };
    this.stats = options.stats ?? createTransportStats();
    this.#server = server;
    this.#closed = new Promise((resolve) => server.once('close', resolve));
    // Such as no file descriptor left for a new connection: the others go on.
    server.on('error', () => {
      this.stats.dropped['connection-limit'] += 1;
    });
    const limits = { ...DEFAULT_STREAM_LIMITS, ...options.limits };
    this.#proxyHeaderTimeoutMs = limits.proxyHeaderTimeoutMs;
    this.connections = new ConnectionSet({
      transport: transport.name,
      sink,
      flows: options.flows ?? new FlowTable(),
      stats: this.stats,
      limits,
    });
    server.on('connection', (socket: Socket) => {
      const begin = (): void => transport.handshake(socket, (make) => this.connections.open(socket, make));
      const peer = peerOf(socket);
      if (options.proxies?.trusts(peer.host)) this.#acceptProxied(socket, peer, options.proxies, begin);
      else if (this.connections.admit(socket, peer)) begin();
    });
  }

  /** The header says who is there; nothing is believed, and nothing answered, before it has been read. */
  #acceptProxied(socket: Socket, peer: HostPort, proxies: ProxyTrust, begin: () => void): void {
    if (!this.connections.admit(socket, undefined)) return;
    takeProxyHeader(socket, this.#proxyHeaderTimeoutMs, (outcome) => {
      if (typeof outcome === 'object') {
        if (this.connections.attribute(socket, outcome.client ?? peer)) begin();
        return;
      }
      this.connections.discard(socket);
      if (outcome === 'gone') return;
      this.stats.proxyErrors[outcome] += 1;
      proxies.onError?.(outcome, peer);
    });
  }

  /** Open connections whose handshakes are done. */
  get connectionCount(): number {
    return this.connections.size;
  }

  get sendQueueBytes(): number {
    return this.connections.sendQueueBytes;
  }

  stop(): void {
    if (this.#server.listening) this.#server.close();
  }

  async drain(overMs: number): Promise<void> {
    this.stop();
    await this.connections.drain(overMs);
  }

  async close(): Promise<void> {
    this.stop();
    await this.connections.abortAll('shutdown');
    await this.#closed;
  }
}
