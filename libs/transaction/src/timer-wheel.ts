import type { TransactionClock, TransactionTimer } from './clock.ts';

/** Who is called when a timer of the wheel is due. */
export interface TimerOwner {
  onTimer(timer: WheelTimer): void;
}

/** A timer that its owner makes once and starts as often as it likes: neither allocates anything. */
export class WheelTimer {
  readonly owner: TimerOwner;
  /** Used by the wheel only. */
  dueTick = 0;
  previous: WheelTimer | undefined = undefined;
  next: WheelTimer | undefined = undefined;

  constructor(owner: TimerOwner) {
    this.owner = owner;
  }

  /** Whether it is started and has not fired. */
  get active(): boolean {
    return this.previous !== undefined;
  }
}

/** Owner of list heads, which are never fired. */
const nobody: TimerOwner = { onTimer: () => undefined };

/** A power of two; with ticks of 20 ms one turn takes 41 s, so that the timers of RFC 3261 are looked at once. */
const SLOTS = 2_048;

/**
 * A hashed timing wheel: starting and stopping is a few pointer writes, however many timers there are, and the clock is asked
 * for one timer in all, and only while something is started. A timer fires at its time or up to one tick later.
 */
export class TimerWheel {
  readonly #clock: TransactionClock;
  readonly #tickMs: number;
  /** Heads of circular lists. */
  readonly #slots: WheelTimer[];
  /** Those that fire in this turn. */
  readonly #due = makeListHead();
  #baseMs = 0;
  #tick = 0;
  #count = 0;
  #alarm: TransactionTimer | undefined;
  #turning = false;

  constructor(clock: TransactionClock, tickMs: number) {
    this.#clock = clock;
    this.#tickMs = tickMs;
    this.#slots = Array.from({ length: SLOTS }, () => makeListHead());
  }

  /** Timers started. */
  get size(): number {
    return this.#count;
  }

  /** The clock's time. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Starts a timer, or starts it anew. */
  start(timer: WheelTimer, delayMs: number): void {
    this.stop(timer);
    const nowMs = this.#clock.nowMs();
    if (this.#count === 0 && !this.#turning) {
      this.#baseMs = nowMs;
      this.#tick = 0;
    }
    const dueTick = Math.ceil((nowMs - this.#baseMs + delayMs) / this.#tickMs);
    timer.dueTick = Math.max(dueTick, this.#tick + 1);
    linkBefore(this.#slotOf(timer.dueTick), timer);
    this.#count += 1;
    if (this.#alarm === undefined && !this.#turning) this.#setAlarm(nowMs);
  }

  /** Stops a timer; does nothing where it is not started. */
  stop(timer: WheelTimer): void {
    if (!timer.active) return;
    unlink(timer);
    this.#count -= 1;
    if (this.#count === 0 && !this.#turning) this.#clearAlarm();
  }

  /** Stops all. */
  close(): void {
    for (const head of [this.#due, ...this.#slots]) {
      while (head.next !== undefined && head.next !== head) this.stop(head.next);
    }
    this.#clearAlarm();
  }

  readonly #turn = (): void => {
    this.#alarm = undefined;
    this.#turning = true;
    const nowMs = this.#clock.nowMs();
    const target = this.#targetTick(nowMs);
    // After a long stop of the process one turn visits every slot; more would visit them twice.
    let slot = Math.max(this.#tick + 1, target - SLOTS + 1);
    this.#tick = target;
    try {
      for (; slot <= target; slot += 1) this.#fireSlot(slot);
    } finally {
      this.#turning = false;
      if (this.#count > 0) this.#setAlarm(this.#clock.nowMs());
    }
  };

  /** A wall clock may be set back; time then goes on from there, one tick at a time. */
  #targetTick(nowMs: number): number {
    const target = Math.floor((nowMs - this.#baseMs) / this.#tickMs);
    if (target > this.#tick) return target;
    this.#baseMs = nowMs - (this.#tick + 1) * this.#tickMs;
    return this.#tick + 1;
  }

  /** First all that are due are moved aside, so that what a callback starts in this slot is not met, nor the rest twice. */
  #fireSlot(tick: number): void {
    const head = this.#slotOf(tick);
    let timer = head.next;
    while (timer !== undefined && timer !== head) {
      const { next } = timer;
      if (timer.dueTick <= this.#tick) {
        unlink(timer);
        linkBefore(this.#due, timer);
      }
      timer = next;
    }
    this.#fireDue();
  }

  #fireDue(): void {
    for (let timer = this.#due.next; timer !== undefined && timer !== this.#due; timer = this.#due.next) {
      this.stop(timer);
      timer.owner.onTimer(timer);
    }
  }

  #slotOf(tick: number): WheelTimer {
    const head = this.#slots[tick & (SLOTS - 1)];
    if (head === undefined) throw new RangeError(`no slot for tick ${tick}`);
    return head;
  }

  #setAlarm(nowMs: number): void {
    const nextTickAtMs = this.#baseMs + (this.#tick + 1) * this.#tickMs;
    this.#alarm = this.#clock.after(Math.max(0, Math.min(this.#tickMs, nextTickAtMs - nowMs)), this.#turn);
  }

  #clearAlarm(): void {
    this.#alarm?.cancel();
    this.#alarm = undefined;
  }
}

function makeListHead(): WheelTimer {
  const head = new WheelTimer(nobody);
  head.previous = head;
  head.next = head;
  return head;
}

function linkBefore(head: WheelTimer, timer: WheelTimer): void {
  const last = head.previous ?? head;
  timer.previous = last;
  timer.next = head;
  last.next = timer;
  head.previous = timer;
}

function unlink(timer: WheelTimer): void {
  if (timer.previous !== undefined) timer.previous.next = timer.next;
  if (timer.next !== undefined) timer.next.previous = timer.previous;
  timer.previous = undefined;
  timer.next = undefined;
}
