import { AnswerLog, type AnswerLogLimits } from './answer-log.ts';
import { makeSeed } from './key-hash.ts';
import { type TimerOwner, type TimerWheel, WheelTimer } from './timer-wheel.ts';

/** Settings of {@link KeptAnswers}. */
export interface KeptAnswersOptions extends AnswerLogLimits {
  readonly wheel: TimerWheel;
  /** Told of each answer that left to make room, before its time was over. */
  readonly onForgotten: () => void;
}

/** The final responses of finished non-INVITE transactions (timer J): one timer for the oldest. */
export class KeptAnswers implements TimerOwner {
  readonly #options: KeptAnswersOptions;
  readonly #log: AnswerLog;
  readonly #timer = new WheelTimer(this);

  constructor(options: KeptAnswersOptions) {
    this.#options = options;
    this.#log = new AnswerLog(options, makeSeed());
  }

  get size(): number {
    return this.#log.size;
  }

  /** What a transaction was answered; undefined where that is over, or never was. */
  find(key: string): Buffer | undefined {
    return this.#log.find(key, this.#options.wheel.nowMs());
  }

  keep(key: string, bytes: Buffer): void {
    const { wheel, lifetimeMs, onForgotten } = this.#options;
    let forgotten = this.#log.keep(key, bytes, wheel.nowMs());
    for (; forgotten > 0; forgotten -= 1) onForgotten();
    if (!this.#timer.active) wheel.start(this.#timer, lifetimeMs);
  }

  clear(): void {
    this.#log.clear();
  }

  onTimer(): void {
    const { wheel } = this.#options;
    this.#log.dropOver(wheel.nowMs());
    const endsAtMs = this.#log.nextEndMs;
    if (endsAtMs !== undefined) wheel.start(this.#timer, endsAtMs - wheel.nowMs());
  }
}
