import type { CallContext } from './calls.ts';
import type { RpcClock } from './rpc-clock.ts';

/**
 * Most time one question to another service may take. It answers in a few milliseconds; on a machine that is busy, two
 * questions still fit into the 900 ms after which an edge says 503.
 */
export const longestQuestionMs = 400;

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
    const leftMs = this.#endsAtMs - this.#clock.nowMs();
    return { timeoutMs: Math.max(1, Math.min(longestQuestionMs, leftMs)), traceparent: this.traceparent };
  }
}
