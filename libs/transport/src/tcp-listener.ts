import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { ConnectionSet } from './connection-set.ts';
import type { Flow, Listener, MessageSink } from './flow.ts';
import { FlowTable } from './flow-table.ts';
import { formatHostPort, type HostPort } from './host-port.ts';
import { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream-limits.ts';
import { createTransportStats, type TransportStats } from './transport-stats.ts';

/** Settings of {@link listenTcp}; all have defaults. */
export interface TcpOptions {
  /** Where flow tokens are looked up later; shared with the other listeners. */
  readonly flows?: FlowTable;
  readonly stats?: TransportStats;
  readonly limits?: Partial<StreamLimits>;
  /** Connections that wait to be accepted; the system may allow fewer (net.core.somaxconn). Default 1024. */
  readonly backlog?: number;
}

/** Listens for SIP on TCP. Rejects with the system's error when the address cannot be bound. */
export async function listenTcp(
  address: HostPort,
  sink: MessageSink,
  options: TcpOptions = {},
): Promise<TcpListener> {
  // Half-open connections are allowed, since a client may close its side and still wait for its answers.
  const server = createServer({ allowHalfOpen: true });
  server.listen({ host: address.host, port: address.port, backlog: options.backlog ?? 1_024 });
  // Rejects on 'error'.
  await once(server, 'listening');
  return new TcpListener(server, sink, options);
}

/** A listening TCP socket and its connections. Each connection is a flow; answers leave by the one the request came by. */
export class TcpListener implements Listener {
  readonly transport = 'tcp';
  readonly address: HostPort;
  readonly stats: TransportStats;
  readonly #server: Server;
  readonly #connections: ConnectionSet;
  readonly #closed: Promise<void>;

  constructor(server: Server, sink: MessageSink, options: TcpOptions) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('the server has no address');
    this.address = { host: bound.address, port: bound.port };
    this.stats = options.stats ?? createTransportStats();
    this.#server = server;
    this.#closed = new Promise((resolve) => server.once('close', resolve));
    // Such as no file descriptor left for a new connection: the others go on.
    server.on('error', () => {
      this.stats.dropped['connection-limit'] += 1;
    });
    this.#connections = new ConnectionSet({
      transport: 'tcp',
      sink,
      flows: options.flows ?? new FlowTable(),
      stats: this.stats,
      limits: { ...DEFAULT_STREAM_LIMITS, ...options.limits },
    });
    server.on('connection', (socket: Socket) => this.#connections.add(socket));
  }

  /** Open connections. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Opens a connection to an IP literal, where a response must go whose own connection is gone (RFC 3261 §18.2.2), or a
   * request too large for UDP (§18.1.1). It counts and lives like an accepted one. Rejects when it is not made in time.
   */
  async connect(remote: HostPort, timeoutMs: number): Promise<Flow> {
    const socket = connect({ host: remote.host, port: remote.port, allowHalfOpen: true });
    const where = formatHostPort(remote);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      socket.destroy();
      throw new Error(`no connection to ${where} within ${timeoutMs} ms`, { cause });
    }
    const flow = this.#connections.add(socket);
    if (flow === undefined) throw new Error(`no connection to ${where}: the limit of connections is reached`);
    return flow;
  }

  stop(): void {
    if (this.#server.listening) this.#server.close();
  }

  async drain(overMs: number): Promise<void> {
    this.stop();
    await this.#connections.drain(overMs);
  }

  async close(): Promise<void> {
    this.stop();
    await this.#connections.abortAll('shutdown');
    await this.#closed;
  }
}
