import { ChannelCredentials } from '@grpc/grpc-js';
import { Backend } from './backend.ts';
import { TlsChannelCredentials } from './client-tls.ts';
import { limits } from './limits.ts';
import type { RpcClock } from './rpc-clock.ts';
import { rpcFault } from './service-fault.ts';
import { countSubchannels, type SubchannelCounts } from './subchannels.ts';
import { formatAddress, parseTarget, type Resolver, resolveBySystem, type Target } from './target.ts';
import type { TlsSource } from './tls-source.ts';

/** Options of a pool. */
export interface BackendPoolOptions {
  readonly clock: RpcClock;
  readonly resolve?: Resolver | undefined;
  readonly resolveEveryMs?: number | undefined;
  /** Undefined for connections without TLS. */
  readonly tls?: TlsSource | undefined;
  /** Told why a TLS handshake with a backend failed. */
  readonly onHandshakeFailed?: (target: string, reason: string) => void;
}

/** All addresses behind one target, found again and again, each with a channel of its own. */
export class BackendPool {
  readonly target: string;
  readonly #parsed: Target;
  readonly #clock: RpcClock;
  readonly #resolve: Resolver;
  readonly #resolveEveryMs: number;
  readonly #credentials: ChannelCredentials;
  readonly #backends = new Map<string, Backend>();
  readonly #retiring = new Map<Backend, { cancel(): void }>();
  readonly #listeners = new Set<() => void>();
  #ready: readonly Backend[] = [];
  #timer: { cancel(): void } | undefined;
  #turn = 0;
  /** Why the last TLS handshake failed, while no backend is ready. */
  #handshakeFault: Error | undefined;
  #closed = false;

  /** @throws RangeError where the target cannot be read */
  constructor(target: string, options: BackendPoolOptions) {
    this.target = target;
    this.#parsed = parseTarget(target);
    this.#clock = options.clock;
    this.#resolve = options.resolve ?? resolveBySystem;
    this.#resolveEveryMs = options.resolveEveryMs ?? limits.resolveEveryMs;
    this.#credentials = this.#credentialsFor(options);
    void this.#refresh();
  }

  /** The backends that are connected. */
  get ready(): readonly Backend[] {
    return this.#ready;
  }

  /** The backends by what their channels do; those that left the name not counted. */
  subchannels(): SubchannelCounts {
    return countSubchannels([...this.#backends.values()].map(({ state }) => state));
  }

  /** Calls back whenever a backend comes or goes. */
  onChange(listener: () => void): { cancel(): void } {
    this.#listeners.add(listener);
    return { cancel: () => this.#listeners.delete(listener) };
  }

  /** The ready backend with the least load, in turn where several have the same; one that is draining only for want of another. */
  pick(load: (backend: Backend) => number): Backend | undefined {
    const ready = this.#ready;
    this.#turn += 1;
    let best: Backend | undefined;
    let bestLoad = Number.POSITIVE_INFINITY;
    for (let index = 0; index < ready.length; index += 1) {
      const backend = ready[(index + this.#turn) % ready.length];
      if (backend === undefined) continue;
      const weight = load(backend) + (backend.draining ? Number.MAX_SAFE_INTEGER : 0);
      if (weight < bestLoad) {
        best = backend;
        bestLoad = weight;
      }
    }
    return best;
  }

  /**
   * Waits until a backend is connected.
   *
   * @throws ServiceFault BACKEND_UNAVAILABLE where none is within the time
   */
  whenReady(timeoutMs: number): Promise<void> {
    if (this.#ready.length > 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(timeoutMs, () => {
        listening.cancel();
        reject(this.unavailable());
      });
      const listening = this.onChange(() => {
        if (this.#ready.length === 0 && !this.#closed) return;
        listening.cancel();
        timer.cancel();
        if (this.#closed) reject(rpcFault('connectionClosed', `the connection to ${this.target} is closed`));
        else resolve();
      });
    });
  }

  /** The fault of a call for which no backend is ready. */
  unavailable(cause?: unknown) {
    const why = this.#handshakeFault === undefined ? '' : `: ${this.#handshakeFault.message}`;
    return rpcFault('backendUnavailable', `no instance of ${this.target} answers${why}`, {
      retryAfterMs: limits.retryAfterMs,
      cause: cause ?? this.#handshakeFault,
    });
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    for (const backend of this.#backends.values()) backend.close();
    this.#backends.clear();
    for (const [backend, timer] of this.#retiring) {
      timer.cancel();
      backend.close();
    }
    this.#onBackendChange();
  }

  #credentialsFor({ tls, clock, onHandshakeFailed }: BackendPoolOptions): ChannelCredentials {
    if (tls === undefined) return ChannelCredentials.createInsecure();
    return new TlsChannelCredentials({
      tls,
      clock,
      // Every pod proves the name that led to it: a channel is to an address, of which certificates say nothing.
      serverName: tls.serverName === '' ? this.#parsed.host : tls.serverName,
      onFailure: (reason) => {
        if (this.#closed) return;
        this.#handshakeFault = new Error(reason);
        onHandshakeFailed?.(this.target, reason);
      },
    });
  }

  async #refresh(): Promise<void> {
    try {
      const hosts = await this.#resolveInTime();
      if (!this.#closed && hosts.length > 0) this.#update(hosts);
    } catch {
      // A resolver that fails for a moment does not make the known backends go away.
    }
    // A name that is not there yet is asked for more often: whoever starts first should not wait for long.
    const delayMs = this.#backends.size === 0 ? limits.resolveFirstMs : this.#resolveEveryMs;
    if (!this.#closed) this.#timer = this.#clock.after(delayMs, () => void this.#refresh());
  }

  #resolveInTime(): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const timer = this.#clock.after(limits.resolveTimeoutMs, () => reject(new Error('no answer')));
      this.#resolve(this.#parsed.host)
        .then(resolve, reject)
        .finally(() => timer.cancel());
    });
  }

  #update(hosts: readonly string[]): void {
    const wanted = new Set(hosts.map((host) => formatAddress(host, this.#parsed.port)));
    for (const address of wanted) {
      if (!this.#backends.has(address)) {
        this.#backends.set(address, new Backend(address, this.#credentials, () => this.#onBackendChange()));
      }
    }
    for (const [address, backend] of this.#backends) {
      if (wanted.has(address)) continue;
      this.#backends.delete(address);
      backend.retired = true;
      this.#onBackendChange();
      this.#retire(backend);
    }
  }

  /** The calls under way on it are finished; then the channel goes. */
  #retire(backend: Backend): void {
    const timer = this.#clock.after(limits.retireMs, () => {
      this.#retiring.delete(backend);
      backend.close();
    });
    this.#retiring.set(backend, timer);
  }

  #onBackendChange(): void {
    this.#ready = [...this.#backends.values()].filter(({ ready }) => ready);
    if (this.#ready.length > 0) this.#handshakeFault = undefined;
    for (const listener of [...this.#listeners]) listener();
  }
}
