import { EventType, type RegistrationEvent, type WatchRegistrationsResponse } from '@rollcall/rpc';
import type { LogPosition } from '../store/log-position.ts';

/** Most events in one response, where there are several batches to choose from. */
const eventsTogether = 256;

/** Events that belong together, and how far they bring the watch. */
interface Batch {
  readonly events: readonly RegistrationEvent[];
  /** What the watch has told of a shard once these events are told; absent within the initial state. */
  readonly reached: { readonly shard: number; readonly position: LogPosition } | undefined;
  /** True for the end of the initial state. */
  readonly completes: boolean;
}

/** What a watch has to tell and its reader has not taken yet; knows how far the reader has been told. */
export class WatchOutbox {
  readonly #told: Map<number, LogPosition>;
  readonly #formatToken: (positions: ReadonlyMap<number, LogPosition>) => string;
  #batches: Batch[] = [];
  #waiting = 0;
  #complete: boolean;

  /**
   * @param told the positions that the reader has, where it resumes
   * @param complete true where no initial state is to be told
   */
  constructor(
    told: ReadonlyMap<number, LogPosition>,
    complete: boolean,
    formatToken: (positions: ReadonlyMap<number, LogPosition>) => string,
  ) {
    this.#told = new Map(told);
    this.#complete = complete;
    this.#formatToken = formatToken;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** True once the initial state is told. */
  get complete(): boolean {
    return this.#complete;
  }

  /** Part of the initial state. */
  addState(events: readonly RegistrationEvent[]): void {
    if (events.length > 0) this.#add({ events, reached: undefined, completes: false });
  }

  /** Changes of a shard, perhaps none, up to a position. */
  addChanges(shard: number, events: readonly RegistrationEvent[], position: LogPosition): void {
    // With nothing to tell it only moves the token; where events wait, the next ones that do will.
    if (events.length === 0 && this.#batches.length > 0) return;
    if (events.length === 0) this.#reach(shard, position);
    else this.#add({ events, reached: { shard, position }, completes: false });
  }

  /** Nothing was told of the shard before this position, and all after it will be. */
  begin(shard: number, position: LogPosition): void {
    if (!this.#told.has(shard)) this.#told.set(shard, position);
  }

  /** The initial state ends here. */
  addEnd(): void {
    this.#add({ events: [], reached: undefined, completes: true });
  }

  /** The next response; undefined where nothing waits. */
  take(): WatchRegistrationsResponse | undefined {
    if (this.#batches.length === 0) return undefined;
    const events: RegistrationEvent[] = [];
    let completes = false;
    let taken = 0;
    for (const batch of this.#batches) {
      if (taken > 0 && events.length + batch.events.length > eventsTogether) break;
      taken += 1;
      for (const event of batch.events) events.push(event);
      if (batch.reached !== undefined) this.#reach(batch.reached.shard, batch.reached.position);
      completes ||= batch.completes;
    }
    this.#batches = this.#batches.slice(taken);
    this.#waiting -= events.length;
    this.#complete ||= completes;
    return this.#respond(events, completes);
  }

  /** A response without events, for a reader that has heard nothing for a while. */
  bookmark(): WatchRegistrationsResponse {
    return this.#respond([], false);
  }

  #respond(events: RegistrationEvent[], completes: boolean): WatchRegistrationsResponse {
    const resumeToken = this.#complete ? this.#formatToken(this.#told) : '';
    return { events, resumeToken, initialStateComplete: completes };
  }

  #add(batch: Batch): void {
    this.#batches.push(batch);
    this.#waiting += batch.events.length;
  }

  #reach(shard: number, position: LogPosition): void {
    this.#told.set(shard, position);
  }
}

/** The words of the contract for what the log says. */
export const eventTypes = {
  created: EventType.CREATED,
  refreshed: EventType.REFRESHED,
  removed: EventType.REMOVED,
  deactivated: EventType.REMOVED,
  expired: EventType.EXPIRED,
  'flow-failed': EventType.FLOW_FAILED,
} as const;
