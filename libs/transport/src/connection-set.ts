import type { Socket } from 'node:net';
import type { MessageSink, TransportName } from './flow.ts';
import type { FlowTable } from './flow-table.ts';
import { unmapIpv4 } from './ip-address.ts';
import { StreamConnection } from './stream-connection.ts';
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

/** The connections of one listener: their number, their number per source, and one timer that watches all deadlines. */
export class ConnectionSet {
  readonly #parts: ConnectionSetParts;
  readonly #connections = new Set<StreamConnection>();
  readonly #perSource = new Map<string, number>();
  readonly #onEmpty: (() => void)[] = [];
  #sweeper: NodeJS.Timeout | undefined;

  constructor(parts: ConnectionSetParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Makes a flow of a connected socket; undefined where a limit forbids it: the socket is then destroyed. */
  add(socket: Socket): StreamConnection | undefined {
    const { transport, sink, flows, stats, limits } = this.#parts;
    const refusal = this.#refusal(socket);
    if (refusal !== undefined) {
      stats.dropped[refusal] += 1;
      socket.destroy();
      return undefined;
    }
    const connection = new StreamConnection(socket, {
      transport,
      flowToken: flows.mintStreamToken(),
      sink,
      stats,
      limits,
      onClosed: this.#remove,
    });
    this.#connections.add(connection);
    this.#countSource(connection.remote.host, 1);
    flows.add(connection);
    stats.connectionsOpened += 1;
    stats.connectionsOpen += 1;
    this.#sweeper ??= setInterval(this.#sweep, sweepIntervalMs(limits)).unref();
    sink.onFlowOpened?.(connection);
    return connection;
  }

  /**
   * Closes all one by one, in no order, spread evenly over the time, so that those who come back do not come at once; each ends
   * as {@link StreamConnection.retire} says. Settles when their sockets are gone.
   */
  async drain(overMs: number): Promise<void> {
    if (this.#connections.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#onEmpty.push(resolve));
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
    if (this.#connections.size === 0) return;
    const empty = new Promise<void>((resolve) => this.#onEmpty.push(resolve));
    for (const connection of this.#connections) connection.abort(reason);
    await empty;
  }

  #refusal(socket: Socket): DropReason | undefined {
    const { limits } = this.#parts;
    if (this.#connections.size >= limits.connections) return 'connection-limit';
    const fromSource = this.#perSource.get(unmapIpv4(socket.remoteAddress ?? '')) ?? 0;
    return fromSource >= limits.connectionsPerSource ? 'source-limit' : undefined;
  }

  readonly #remove = (connection: StreamConnection, reason: CloseReason): void => {
    const { sink, flows, stats } = this.#parts;
    this.#connections.delete(connection);
    this.#countSource(connection.remote.host, -1);
    flows.remove(connection);
    stats.connectionsOpen -= 1;
    stats.connectionsClosed[reason] += 1;
    if (this.#connections.size === 0) {
      clearInterval(this.#sweeper);
      this.#sweeper = undefined;
      for (const resolve of this.#onEmpty.splice(0)) resolve();
    }
    sink.onFlowClosed?.(connection, reason);
  };

  readonly #sweep = (): void => {
    const nowMs = performance.now();
    for (const connection of this.#connections) connection.checkDeadline(nowMs);
  };

  #countSource(host: string, change: 1 | -1): void {
    const count = (this.#perSource.get(host) ?? 0) + change;
    if (count > 0) this.#perSource.set(host, count);
    else this.#perSource.delete(host);
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
