import type { CallContext } from './calls.ts';
import type { RpcClock } from './rpc-clock.ts';

/**
 * Most time one question to another service may take where another one follows. It answers in a few milliseconds; on a
 * machine that is busy it may take hundreds, and then the next one still has a third of the 900 ms after which an edge
 * says 503.
 */
export const longestQuestionMs = 600;

/** The time that is left for one request, shared by the questions to other services that it needs. */
export class CallBudget {
  readonly traceparent: string;
  readonly #clock: RpcClock;
  readonly #endsAtMs: number;

  constructor(clock: RpcClock, context: CallContext) {
    this.#clock = clock;
    this.#endsAtMs = clock.nowMs() + context.timeoutMs;
    this.traceparent = context.traceparent;
  }

  /** The context of the next question: never more time than is left, and at least 1 ms, so that it fails by deadline. */
  next(): CallContext {
    return { timeoutMs: Math.min(longestQuestionMs, this.#leftMs), traceparent: this.traceparent };
  }

  /** The context of the last question: all the time that is left. Cut short, it would refuse a phone that can still wait. */
  last(): CallContext {
    return { timeoutMs: this.#leftMs, traceparent: this.traceparent };
  }

  get #leftMs(): number {
    return Math.max(1, this.#endsAtMs - this.#clock.nowMs());
  }
}
