import { type TimerOwner, type TimerWheel, WheelTimer } from './timer-wheel.ts';

/** The final response of a finished non-INVITE transaction, kept for repetitions of the request (timer J). */
export class KeptAnswer {
  readonly kind = 'answer';
  readonly key: string;
  readonly bytes: Buffer;
  readonly expiresAtMs: number;
  /** The answer kept next; used by the queue only. */
  next: KeptAnswer | undefined = undefined;

  constructor(key: string, bytes: Buffer, expiresAtMs: number) {
    this.key = key;
    this.bytes = bytes;
    this.expiresAtMs = expiresAtMs;
  }
}

/** Settings of {@link KeptAnswers}. */
export interface KeptAnswersOptions {
  readonly wheel: TimerWheel;
  readonly lifetimeMs: number;
  readonly maxAnswers: number;
  readonly maxBytes: number;
  /** Told of each answer that leaves; `early`: to make room, not because its time was over. */
  readonly onForgotten: (answer: KeptAnswer, early: boolean) => void;
}

/**
 * Answers in the order in which they were given, which is the order in which they expire since all live equally long: a
 * linked queue, and one timer for its head. The oldest are given up when number or bytes exceed the limits: a
 * retransmission is most likely within the first seconds, and to refuse new requests for the sake of old answers would
 * be worse than to process a late one twice.
 */
export class KeptAnswers implements TimerOwner {
  readonly #options: KeptAnswersOptions;
  readonly #timer = new WheelTimer(this);
  #oldest: KeptAnswer | undefined;
  #newest: KeptAnswer | undefined;
  #count = 0;
  #bytes = 0;

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
  }

  /** Whether the answer's time is over: a copy of the request is then a new one. So it is when the clock was set back. */
  isOver(answer: KeptAnswer): boolean {
    const restMs = answer.expiresAtMs - this.#options.wheel.nowMs();
    return restMs <= 0 || restMs > this.#options.lifetimeMs;
  }

  keep(key: string, bytes: Buffer): KeptAnswer {
    const { lifetimeMs, maxAnswers, maxBytes, wheel } = this.#options;
    const answer = new KeptAnswer(key, bytes, wheel.nowMs() + lifetimeMs);
    if (this.#newest === undefined) this.#oldest = answer;
    else this.#newest.next = answer;
    this.#newest = answer;
    this.#count += 1;
    this.#bytes += bytes.length;
    // The one just given stays in any case: its sender is the likeliest to ask again.
    while (this.#count > 1 && (this.#count > maxAnswers || this.#bytes > maxBytes)) this.#forgetOldest(true);
    if (!this.#timer.active) wheel.start(this.#timer, lifetimeMs);
    return answer;
  }

  onTimer(): void {
    const { wheel } = this.#options;
    while (this.#oldest !== undefined && this.isOver(this.#oldest)) this.#forgetOldest(false);
    if (this.#oldest !== undefined) wheel.start(this.#timer, this.#oldest.expiresAtMs - wheel.nowMs());
  }

  #forgetOldest(early: boolean): void {
    const answer = this.#oldest;
    if (answer === undefined) return;
    this.#oldest = answer.next;
    if (answer.next === undefined) this.#newest = undefined;
    answer.next = undefined;
    this.#count -= 1;
    this.#bytes -= answer.bytes.length;
    this.#options.onForgotten(answer, early);
  }
}
