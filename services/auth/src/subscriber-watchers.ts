import type { SubscribersSink, SubscribersSnapshot, Watch, WatchSubscribersResponse } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { Lockout } from './store/auth-store.ts';
import type { ChangedSubscriber } from './subscribers/subscriber-store.ts';

/** Half of what is promised, since a watcher takes two seconds of silence for a loss. */
const heartbeatIntervalMs = 500;

/** Far more than there are registrars. */
const maxWatchers = 1000;

/** What watchers need from the rest of auth. */
export interface WatchSource {
  readonly clock: Clock;
  readonly logger: Logger;
  /** What holds now for all subscribers. */
  snapshot(): SubscribersSnapshot;
  /** Lock-outs in force. */
  lockouts(nowMs: number): readonly Lockout[];
  /** Told how many watch, whenever that changes. */
  onCount(watchers: number): void;
}

/** The registrars that watch: each is told a snapshot, then every change as it happens, and a heartbeat. */
export class SubscriberWatchers {
  readonly #source: WatchSource;
  readonly #sinks = new Set<SubscribersSink>();
  #heartbeat: { cancel(): void } | undefined;

  constructor(source: WatchSource) {
    this.#source = source;
  }

  /** Adds a watcher. One too many is ended at once. */
  watch(watcher: string, sink: SubscribersSink): Watch {
    const { logger, clock } = this.#source;
    if (this.#sinks.size >= maxWatchers) {
      logger.warn({ watcher, maxWatchers }, 'too many watchers of subscribers');
      sink.onEnd();
      return { cancel: () => {} };
    }
    logger.info({ watcher }, 'watches subscribers');
    sink.onEvent({ event: { $case: 'snapshot', value: this.#source.snapshot() } });
    const nowMs = clock.nowMs();
    for (const lockout of this.#source.lockouts(nowMs)) sink.onEvent(lockoutEvent(lockout, nowMs));
    this.#sinks.add(sink);
    this.#source.onCount(this.#sinks.size);
    this.#heartbeat ??= clock.after(heartbeatIntervalMs, () => this.#beat());
    return {
      cancel: () => {
        if (!this.#sinks.delete(sink)) return;
        this.#source.onCount(this.#sinks.size);
        logger.info({ watcher }, 'watches subscribers no longer');
      },
    };
  }

  /** Tells everything anew: after a change of what holds for all. */
  tellSnapshot(): void {
    this.#tell({ event: { $case: 'snapshot', value: this.#source.snapshot() } });
  }

  /** Tells whose vectors are no longer true; undefined means everyone's. */
  tellInvalidated(subscribers: readonly ChangedSubscriber[] | undefined): void {
    if (subscribers?.length === 0) return;
    this.#tell({ event: { $case: 'invalidated', value: { subscribers: [...(subscribers ?? [])] } } });
  }

  tellLockout(lockout: Lockout): void {
    this.#tell(lockoutEvent(lockout, this.#source.clock.nowMs()));
  }

  /** Ends all watches: their watchers find another replica. */
  close(): void {
    this.#heartbeat?.cancel();
    const sinks = [...this.#sinks];
    this.#sinks.clear();
    this.#source.onCount(0);
    for (const sink of sinks) sink.onEnd();
  }

  #beat(): void {
    this.#heartbeat = undefined;
    if (this.#sinks.size === 0) return;
    this.#tell({ event: { $case: 'heartbeat', value: {} } });
    this.#heartbeat = this.#source.clock.after(heartbeatIntervalMs, () => this.#beat());
  }

  #tell(event: WatchSubscribersResponse): void {
    for (const sink of this.#sinks) sink.onEvent(event);
  }
}

function lockoutEvent(
  { realm, username, source, untilMs }: Lockout,
  nowMs: number,
): WatchSubscribersResponse {
  const durationMs = Math.max(0, untilMs - nowMs);
  return { event: { $case: 'lockout', value: { realm, username, source, durationMs } } };
}
