import type { CallContext } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';

/**
 * Most time one question to auth or location may take. Both answer in a few milliseconds; 150 ms leaves room for one
 * question to each within the 500 ms (T1) after which a phone sends its REGISTER again.
 */
export const longestQuestionMs = 150;

/** The time that is left for one REGISTER, shared by its questions to other services. */
export class CallBudget {
  readonly traceparent: string;
  readonly #clock: Clock;
  readonly #endsAtMs: number;

  constructor(clock: Clock, context: CallContext) {
    this.#clock = clock;
    this.#endsAtMs = clock.nowMs() + context.timeoutMs;
    this.traceparent = context.traceparent;
  }

  /** The context of the next question: never more time than is left, and at least 1 ms, so that it fails by deadline. */
  next(): CallContext {
    const leftMs = this.#endsAtMs - this.#clock.nowMs();
    return { timeoutMs: Math.max(1, Math.min(longestQuestionMs, leftMs)), traceparent: this.traceparent };
  }
}
