import { Server, ServerCredentials } from '@grpc/grpc-js';
import { HealthImplementation } from 'grpc-health-check';
import type { CallerRule } from './callers.ts';
import { limits } from './limits.ts';
import { listenQuietly } from './listen-log.ts';
import { type ServerObserver, silentServer } from './observer.ts';
import { addReflection } from './reflection.ts';
import type { RpcClock } from './rpc-clock.ts';
import { TlsServerCredentials } from './server-tls.ts';
import type { Service } from './service.ts';
import type { OpenStream, ServiceHost } from './service-host.ts';
import type { TlsSource } from './tls-source.ts';
import type { CallTracer } from './traced-call.ts';

/** Options of a server. */
export interface ServeOptions {
  readonly clock: RpcClock;
  /** Follows the calls; for metrics and the log. */
  readonly observer?: ServerObserver;
  /** Follows calls that have a trace context. */
  readonly tracer?: CallTracer | undefined;
  /** What TLS is spoken with; undefined for none. */
  readonly tls?: TlsSource | undefined;
  /** Who may call what; without it everybody who may connect. Of use only where callers show certificates. */
  readonly callers?: CallerRule | undefined;
  /** Items in flight on one batched stream; beyond it items are refused. */
  readonly maxInFlight?: number;
  /** True to tell tools the public contract; see {@link addReflection}. */
  readonly reflection?: boolean;
  /** How long a connection lives before clients are made to open another, and then for its streams to end. */
  readonly connectionAge?: { readonly maxMs: number; readonly graceMs: number };
}

/** A running gRPC server. */
export interface GrpcServer {
  /** The port it listens on. */
  readonly port: number;
  /** What grpc.health.v1.Health says of every service; NOT_SERVING at first. */
  setServing(serving: boolean): void;
  /**
   * Asks clients to go elsewhere, serves what still comes, and closes: once all streams are gone or quiet, or when the
   * time is over.
   */
  drain(graceMs: number): Promise<void>;
}

const channelOptions = {
  'grpc.enable_channelz': 0,
  'grpc.max_receive_message_length': limits.messageBytes,
  'grpc.max_send_message_length': limits.messageBytes,
  'grpc-node.flow_control_window': limits.flowControlWindowBytes,
  'grpc.max_concurrent_streams': 1000,
  'grpc.keepalive_time_ms': 20_000,
  'grpc.keepalive_timeout_ms': 5000,
};

/** Other services' clients resolve names only when they connect, so they are made to, now and then; grpc-js adds jitter. */
const defaultConnectionAge = { maxMs: 300_000, graceMs: 30_000 };

/** How often a draining server looks whether it is done, and for how long its streams must have been quiet. */
const drainBeatMs = 50;
const quietBeats = 4;

/**
 * Serves services over gRPC.
 *
 * @param listen "host:port", IPv6 in brackets; port 0 for any free one
 * @throws Error where the address cannot be had
 */
export async function serveGrpc(
  listen: string,
  services: readonly Service[],
  options: ServeOptions,
): Promise<GrpcServer> {
  const running = new RunningServer(services, options);
  if (options.reflection === true) await running.reflect();
  await running.bind(listen);
  return running;
}

class RunningServer implements GrpcServer, ServiceHost {
  readonly clock: RpcClock;
  readonly observer: ServerObserver;
  readonly tracer: CallTracer | undefined;
  readonly maxInFlight: number;
  readonly callers: CallerRule | undefined;
  port = 0;
  draining = false;
  readonly #server: Server;
  readonly #credentials: ServerCredentials;
  readonly #names: readonly string[];
  readonly #health: HealthImplementation;
  readonly #streams = new Set<OpenStream>();

  constructor(services: readonly Service[], options: ServeOptions) {
    this.clock = options.clock;
    this.observer = options.observer ?? silentServer;
    this.tracer = options.tracer;
    this.maxInFlight = options.maxInFlight ?? limits.inFlight;
    this.callers = options.callers;
    this.#credentials =
      options.tls === undefined ? ServerCredentials.createInsecure() : new TlsServerCredentials(options.tls);
    const age = options.connectionAge ?? defaultConnectionAge;
    this.#server = new Server({
      ...channelOptions,
      'grpc.max_connection_age_ms': age.maxMs,
      'grpc.max_connection_age_grace_ms': age.graceMs,
    });
    for (const { methods } of services) {
      const entries = Object.entries(methods);
      this.#server.addService(
        Object.fromEntries(entries.map(([key, { definition }]) => [key, definition])),
        Object.fromEntries(entries.map(([key, method]) => [key, method.handler(this)])),
      );
    }
    this.#names = ['', ...services.map(({ name }) => name)];
    this.#health = new HealthImplementation(
      Object.fromEntries(this.#names.map((name) => [name, 'NOT_SERVING'] as const)),
    );
    this.#health.addToServer(this.#server);
  }

  reflect(): Promise<void> {
    return addReflection(this.#server);
  }

  bind(listen: string): Promise<void> {
    listenQuietly();
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(listen, this.#credentials, (error, port) => {
        if (error !== null) {
          reject(error);
          return;
        }
        this.port = port;
        resolve();
      });
    });
  }

  setServing(serving: boolean): void {
    for (const name of this.#names) this.#health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  }

  opened(stream: OpenStream): void {
    this.#streams.add(stream);
  }

  closed(stream: OpenStream): void {
    this.#streams.delete(stream);
  }

  async drain(graceMs: number): Promise<void> {
    const endAtMs = this.clock.nowMs() + graceMs;
    this.draining = true;
    this.setServing(false);
    for (const stream of [...this.#streams]) stream.drain();
    await this.#quiet(endAtMs);
    for (const stream of [...this.#streams]) stream.end();
    await this.#shutDown(endAtMs);
  }

  /** Waits until no stream is open or all have been idle for a while. */
  async #quiet(endAtMs: number): Promise<void> {
    let beats = 0;
    while (this.#streams.size > 0 && beats < quietBeats && this.clock.nowMs() < endAtMs) {
      await this.#pause(drainBeatMs);
      beats = [...this.#streams].every(({ idle }) => idle) ? beats + 1 : 0;
    }
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.clock.after(delayMs, resolve);
    });
  }

  /** Unary calls under way are finished while there is time. */
  #shutDown(endAtMs: number): Promise<void> {
    return new Promise((resolve) => {
      const leftMs = Math.max(drainBeatMs, endAtMs - this.clock.nowMs());
      const timer = this.clock.after(leftMs, () => this.#server.forceShutdown());
      this.#server.tryShutdown(() => {
        timer.cancel();
        resolve();
      });
    });
  }
}
