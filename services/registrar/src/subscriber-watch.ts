import type { ChallengePolicy } from '@rollcall/digest';
import type { AuthCalls } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';

type WatchEvent = Parameters<Parameters<AuthCalls['watchSubscribers']>[1]['onEvent']>[0];

/** What holds for all subscribers, as auth last said. */
export interface SubscriberFacts extends ChallengePolicy {
  readonly servesDomain: (host: string) => boolean;
}

/** Who hears what auth says. */
export interface WatchListener {
  /** Everything known before is void. */
  onSnapshot(facts: SubscriberFacts): void;
  /** These users' vectors are no longer true; an empty list means everybody's. */
  onInvalidated(subscribers: readonly { readonly realm: string; readonly username: string }[]): void;
  onLockout(realm: string, username: string, source: string, durationMs: number): void;
  /** The stream was lost (false) or lives again (true). */
  onLiveChanged(live: boolean): void;
}

/** Auth sends a heartbeat each second; twice that without a word, and the stream is as good as dead. */
const silenceMs = 2000;
const checkEveryMs = 500;
/** A lost stream is opened again after this long plus up to as much again, so that registrars do not come in step. */
const reopenMs = 250;

/** The one stream by which a registrar learns what it must know at once. It opens itself again for ever. */
export class SubscriberWatch {
  readonly #auth: Pick<AuthCalls, 'watchSubscribers'>;
  readonly #clock: Clock;
  readonly #watcher: string;
  readonly #listener: WatchListener;
  readonly #random: () => number;
  #stream: { cancel(): void } | undefined;
  #timer: { cancel(): void } | undefined;
  #facts: SubscriberFacts | undefined;
  #live = false;
  #lastHeardAtMs = Number.NEGATIVE_INFINITY;
  #silentSinceMs = Number.NEGATIVE_INFINITY;
  #closed = false;
  /** Tells the events of an abandoned stream from those of the present one. */
  #attempt = 0;

  constructor(options: {
    auth: Pick<AuthCalls, 'watchSubscribers'>;
    clock: Clock;
    watcher: string;
    listener: WatchListener;
    random: () => number;
  }) {
    this.#auth = options.auth;
    this.#clock = options.clock;
    this.#watcher = options.watcher;
    this.#listener = options.listener;
    this.#random = options.random;
  }

  /** True while the stream lives: what it has said is true now. */
  get live(): boolean {
    return this.#live && this.#clock.nowMs() - this.#lastHeardAtMs < silenceMs;
  }

  /** When auth was last heard, in milliseconds since 1970; -Infinity for never. */
  get lastHeardAtMs(): number {
    return this.#lastHeardAtMs;
  }

  /** What auth last said of everybody; kept while the stream is lost; undefined before the first snapshot. */
  get facts(): SubscriberFacts | undefined {
    return this.#facts;
  }

  start(): void {
    this.#open();
    this.#checkLater();
  }

  close(): void {
    this.#closed = true;
    this.#attempt += 1;
    this.#timer?.cancel();
    this.#stream?.cancel();
    // Nobody is told: this is no loss.
    this.#live = false;
  }

  #open(): void {
    this.#attempt += 1;
    const attempt = this.#attempt;
    this.#silentSinceMs = this.#clock.nowMs();
    const stream = this.#auth.watchSubscribers(this.#watcher, {
      onEvent: (event) => {
        if (attempt === this.#attempt) this.#hear(event);
      },
      onEnd: () => {
        if (attempt === this.#attempt) this.#lose();
      },
    });
    // In one process the end may come before the call returns.
    if (attempt === this.#attempt) this.#stream = stream;
  }

  #hear(event: WatchEvent): void {
    this.#lastHeardAtMs = this.#clock.nowMs();
    this.#silentSinceMs = this.#lastHeardAtMs;
    switch (event.event?.$case) {
      case 'snapshot': {
        const snapshot = event.event.value;
        const domains = new Set(snapshot.domains);
        const { algorithms, nonceKeys, nonceLifetimeSec, opaque, qop } = snapshot;
        const servesDomain = (host: string) => domains.has(host);
        this.#facts = { algorithms, nonceKeys, nonceLifetimeSec, opaque, qop, servesDomain };
        this.#listener.onSnapshot(this.#facts);
        this.#setLive(true);
        break;
      }
      case 'invalidated':
        this.#listener.onInvalidated(event.event.value.subscribers);
        break;
      case 'lockout': {
        const { realm, username, source, durationMs } = event.event.value;
        this.#listener.onLockout(realm, username, source, durationMs);
        break;
      }
      default:
        // A heartbeat, or something that a newer auth says and this registrar need not know.
        break;
    }
  }

  #lose(): void {
    this.#stream = undefined;
    this.#attempt += 1;
    this.#setLive(false);
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(reopenMs + this.#random() * reopenMs, () => {
      this.#open();
      this.#checkLater();
    });
  }

  /** A half-open connection ends no stream: silence does. */
  #checkLater(): void {
    if (this.#closed || this.#stream === undefined) return;
    this.#timer?.cancel();
    this.#timer = this.#clock.after(checkEveryMs, () => {
      if (this.#clock.nowMs() - this.#silentSinceMs < silenceMs) {
        this.#checkLater();
        return;
      }
      const silent = this.#stream;
      this.#lose();
      silent?.cancel();
    });
  }

  #setLive(live: boolean): void {
    if (live === this.#live) return;
    this.#live = live;
    this.#listener.onLiveChanged(live);
  }
}
