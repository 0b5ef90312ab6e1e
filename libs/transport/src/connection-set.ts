import type { Socket } from 'node:net';
import type { Connection, MessageSink, TransportName } from './flow.ts';
import type { FlowTable } from './flow-table.ts';
import type { HostPort } from './host-port.ts';
import type { ConnectionParts } from './stream-connection.ts';
import { type StreamLimits, sweepIntervalMs } from './stream-limits.ts';
import type { CloseReason, TransportStats } from './transport-stats.ts';

/** What the connections of one listener share. */
export interface ConnectionSetParts {
  readonly transport: TransportName;
  readonly sink: MessageSink;
  readonly flows: FlowTable;
  readonly stats: TransportStats;
  readonly limits: StreamLimits;
}

const drainBeatMs = 20;

/** Makes the flow of a socket whose handshakes are done. */
export type MakeConnection = (parts: ConnectionParts) => Connection;

/**
 * The connections of one listener: their number, their number per source, and one timer that watches all deadlines. A
 * socket counts from when it is accepted: those that never finish a handshake are held to the same limits.
 */
export class ConnectionSet {
  readonly #parts: ConnectionSetParts;
  /** Sockets and who is at their other end; undefined while a proxy has not said it yet. */
  readonly #sockets = new Map<Socket, HostPort | undefined>();
  /** Those in their handshakes, in order of arrival, and when each must be done: instants of the monotonic clock. */
  readonly #handshaking = new Map<Socket, number>();
  readonly #connections = new Set<Connection>();
  readonly #perSource = new Map<string, number>();
  readonly #onEmpty: (() => void)[] = [];
  #sweeper: NodeJS.Timeout | undefined;

  constructor(parts: ConnectionSetParts) {
    this.#parts = parts;
  }

  /** Connections whose handshakes are done. */
  get size(): number {
    return this.#connections.size;
  }

  /** Bytes that wait in all connections. */
  get sendQueueBytes(): number {
    let bytes = 0;
    for (const connection of this.#connections) bytes += connection.sendQueueBytes;
    return bytes;
  }

  /**
   * Takes a connected socket in; false where a limit forbids it: the socket is then destroyed.
   *
   * @param remote who is at its other end; undefined where a proxy is still to say that: see {@link attribute}
   */
  admit(socket: Socket, remote: HostPort | undefined): boolean {
    const { stats, limits } = this.#parts;
    if (this.#sockets.size >= limits.connections) {
      stats.dropped['connection-limit'] += 1;
      socket.destroy();
      return false;
    }
    this.#sockets.set(socket, undefined);
    this.#handshaking.set(socket, performance.now() + limits.handshakeTimeoutMs);
    this.#sweeper ??= setInterval(this.#sweep, sweepIntervalMs(limits)).unref();
    // During a handshake nobody else listens; what goes wrong then ends in 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#release(socket));
    return remote === undefined || this.attribute(socket, remote);
  }

  /** Says who is at the other end of an admitted socket; false where there are too many from there: it is then destroyed. */
  attribute(socket: Socket, remote: HostPort): boolean {
    if ((this.#perSource.get(remote.host) ?? 0) >= this.#parts.limits.connectionsPerSource) {
      this.#parts.stats.dropped['source-limit'] += 1;
      this.discard(socket);
      return false;
    }
    this.#sockets.set(socket, remote);
    this.#countSource(remote.host, 1);
    return true;
  }

  /** Destroys an admitted socket for a reason that was counted already. */
  discard(socket: Socket): void {
    this.#handshaking.delete(socket);
    socket.destroy();
  }

  /** The handshakes of an admitted socket are done: makes its flow. Undefined where the socket is gone meanwhile. */
  open(socket: Socket, make: MakeConnection): Connection | undefined {
    const remote = this.#sockets.get(socket);
    if (socket.destroyed || remote === undefined || !this.#handshaking.delete(socket)) return undefined;
    const { transport, sink, flows, stats, limits } = this.#parts;
    const connection = make({
      transport,
      remote,
      flowToken: flows.mintStreamToken(),
      sink,
      stats,
      limits,
      onClosed: this.#remove,
    });
    this.#connections.add(connection);
    flows.add(connection);
    stats.connectionsOpened += 1;
    stats.connectionsOpen += 1;
    sink.onFlowOpened?.(connection);
    return connection;
  }

  /**
   * Closes all one by one, in no order, spread evenly over the time, so that those who come back do not come at once; each ends
   * as {@link Connection.retire} says; a handshake that is not done ends at once. Settles when their sockets are gone.
   */
  async drain(overMs: number): Promise<void> {
    if (this.#sockets.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    this.#endHandshakes();
    const waiting = shuffled([...this.#connections]);
    const count = waiting.length;
    const startedAtMs = performance.now();
    const retireDue = (): void => {
      const part = overMs > 0 ? Math.min(1, (performance.now() - startedAtMs) / overMs) : 1;
      const due = Math.max(1, Math.ceil(count * part));
      while (waiting.length > count - due) waiting.pop()?.retire('drain');
      if (waiting.length === 0) clearInterval(beat);
    };
    const beat = setInterval(retireDue, drainBeatMs);
    retireDue();
    await empty;
    clearInterval(beat);
  }

  /** Closes all at once; settles when their sockets are gone. */
  async abortAll(reason: CloseReason): Promise<void> {
    if (this.#sockets.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    for (const connection of this.#connections) connection.abort(reason);
    this.#endHandshakes();
    await empty;
  }

  #endHandshakes(): void {
    const sockets = [...this.#handshaking.keys()];
    this.#handshaking.clear();
    for (const socket of sockets) socket.destroy();
  }

  #release(socket: Socket): void {
    const remote = this.#sockets.get(socket);
    if (!this.#sockets.delete(socket)) return;
    if (remote !== undefined) this.#countSource(remote.host, -1);
    // Whoever waits for a proxy's word counts what becomes of it.
    if (this.#handshaking.delete(socket) && remote !== undefined)
      this.#parts.stats.dropped['handshake-failed'] += 1;
    if (this.#sockets.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
    for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  readonly #remove = (connection: Connection, reason: CloseReason): void => {
    const { sink, flows, stats } = this.#parts;
    this.#connections.delete(connection);
    flows.remove(connection);
    stats.connectionsOpen -= 1;
    stats.connectionsClosed[reason] += 1;
    sink.onFlowClosed?.(connection, reason);
  };

  readonly #sweep = (): void => {
    const nowMs = performance.now();
    for (const connection of this.#connections) connection.checkDeadline(nowMs);
    for (const [socket, untilMs] of this.#handshaking) {
      if (nowMs < untilMs) return;
      this.#handshaking.delete(socket);
      this.#parts.stats.dropped['handshake-timeout'] += 1;
      socket.destroy();
    }
  };

  #countSource(source: string, change: 1 | -1): void {
    const count = (this.#perSource.get(source) ?? 0) + change;
    if (count > 0) this.#perSource.set(source, count);
    else this.#perSource.delete(source);
  }
}

/** Fisher and Yates. */
function shuffled<T>(list: T[]): T[] {
  for (let last = list.length - 1; last > 0; last -= 1) {
    const at = Math.floor(Math.random() * (last + 1));
    const moved = list[last] as T;
    list[last] = list[at] as T;
    list[at] = moved;
  }
  return list;
}
