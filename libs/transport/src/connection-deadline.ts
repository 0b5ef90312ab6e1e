import type { StreamLimits } from './stream-limits.ts';
import type { CloseReason } from './transport-stats.ts';

/** When a connection has to end, and why, unless something happens before. Instants of the monotonic clock. */
export class ConnectionDeadline {
  readonly #limits: StreamLimits;
  #atMs: number;
  #reason: CloseReason = 'no-message';
  #hadMessage = false;
  #midMessage = false;
  #idleTimeoutMs: number;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
    this.#idleTimeoutMs = limits.idleTimeoutMs;
    this.#atMs = performance.now() + limits.firstMessageTimeoutMs;
  }

  get reason(): CloseReason {
    return this.#reason;
  }

  isOver(nowMs: number): boolean {
    return nowMs >= this.#atMs;
  }

  /** Sets another end than that of the peer's silence. */
  endAfter(delayMs: number, reason: CloseReason): void {
    this.#atMs = performance.now() + delayMs;
    this.#reason = reason;
  }

  /**
   * Bytes came: with them so many whole messages, and perhaps the beginning of one more. Keep-alives are bytes without a
   * message.
   */
  onBytes(messages: number, midMessage: boolean): void {
    const stillTheSame = this.#midMessage && messages === 0;
    this.#midMessage = midMessage;
    if (messages > 0) this.#hadMessage = true;
    if (midMessage) {
      // Further bytes of the same message buy no time.
      if (!stillTheSame) this.endAfter(this.#limits.messageTimeoutMs, 'slow-message');
    } else if (this.#hadMessage) {
      this.endAfter(this.#idleTimeoutMs, 'idle');
    }
  }

  /** From now on a peer that has sent a message may be silent for so long, and no longer than the limit. */
  expectWithin(silenceMs: number): void {
    this.#idleTimeoutMs = Math.min(silenceMs, this.#limits.idleTimeoutMs);
    if (this.#reason === 'idle') this.endAfter(this.#idleTimeoutMs, 'idle');
  }
}
