interface Alarm {
  atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until a test moves it. Fits every `Clock` of the repository. */
export class ManualClock {
  #nowMs: number;
  #started = 0;
  readonly #alarms = new Set<Alarm>();

  /** Starts at the given instant, in milliseconds since 1970. */
  constructor(startAtMs = 1_700_000_000_000) {
    this.#nowMs = startAtMs;
  }

  /** Timers started and not yet run or cancelled. */
  get pending(): number {
    return this.#alarms.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void): { cancel(): void } {
    this.#started += 1;
    const alarm: Alarm = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#started, run };
    this.#alarms.add(alarm);
    return { cancel: () => this.#alarms.delete(alarm) };
  }

  /** Moves on, and runs what becomes due on the way, each at its own instant and in order, also what that starts. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (let alarm = this.#firstDue(endMs); alarm !== undefined; alarm = this.#firstDue(endMs)) {
      this.#alarms.delete(alarm);
      this.#nowMs = Math.max(this.#nowMs, alarm.atMs);
      alarm.run();
    }
    this.#nowMs = endMs;
  }

  /** Corrects the time without running anything, as a machine's wall clock is corrected; timers keep their distance. */
  jump(byMs: number): void {
    this.#nowMs += byMs;
    for (const alarm of this.#alarms) alarm.atMs += byMs;
  }

  #firstDue(endMs: number): Alarm | undefined {
    let first: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.atMs > endMs) continue;
      if (
        first === undefined ||
        alarm.atMs < first.atMs ||
        (alarm.atMs === first.atMs && alarm.order < first.order)
      ) {
        first = alarm;
      }
    }
    return first;
  }
}
