import type { Socket } from 'node:net';
import type { Connection, MessageSink, TransportName } from './flow.ts';
import type { FlowTable } from './flow-table.ts';
import { unmapIpv4 } from './ip-address.ts';
import type { ConnectionParts } from './stream-connection.ts';
import { type StreamLimits, sweepIntervalMs } from './stream-limits.ts';
import type { CloseReason, DropReason, TransportStats } from './transport-stats.ts';

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
  /** Sockets and where they come from. */
  readonly #sockets = new Map<Socket, string>();
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

  /** Takes a connected socket in; false where a limit forbids it: the socket is then destroyed. */
  admit(socket: Socket): boolean {
    const { stats, limits } = this.#parts;
    const source = unmapIpv4(socket.remoteAddress ?? '');
    const refusal = this.#refusal(source);
    if (refusal !== undefined) {
      stats.dropped[refusal] += 1;
      socket.destroy();
      return false;
    }
    this.#sockets.set(socket, source);
    this.#handshaking.set(socket, performance.now() + limits.handshakeTimeoutMs);
    this.#countSource(source, 1);
    this.#sweeper ??= setInterval(this.#sweep, sweepIntervalMs(limits)).unref();
    // During a handshake nobody else listens; what goes wrong then ends in 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#release(socket));
    return true;
  }

  /** The handshakes of an admitted socket are done: makes its flow. Undefined where the socket is gone meanwhile. */
  open(socket: Socket, make: MakeConnection): Connection | undefined {
    if (socket.destroyed || !this.#handshaking.delete(socket)) return undefined;
    const { transport, sink, flows, stats, limits } = this.#parts;
    const connection = make({
      transport,
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

  #refusal(source: string): DropReason | undefined {
    const { limits } = this.#parts;
    if (this.#sockets.size >= limits.connections) return 'connection-limit';
    return (this.#perSource.get(source) ?? 0) >= limits.connectionsPerSource ? 'source-limit' : undefined;
  }

  #release(socket: Socket): void {
    const source = this.#sockets.get(socket);
    if (source === undefined) return;
    this.#sockets.delete(socket);
    this.#countSource(source, -1);
    if (this.#handshaking.delete(socket)) this.#parts.stats.dropped['handshake-failed'] += 1;
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
