import type { SipResponse } from '@rollcall/sip';
import type { ClientTransaction, ResponseHandler } from '@rollcall/transaction';
import type { Exchange } from '../exchange.ts';
import { writeForwardedResponse } from './forwarded-response.ts';

/** Timer C of RFC 3261 §16.6 step 11: more than three minutes from one provisional response of an INVITE to the next. */
const timerCMs = 185_000;
/** A cancelled INVITE that gets no final response is given up after 64·T1 (RFC 3261 §9.1). */
const cancelledMs = 32_000;

/** The time. */
interface ForwardingClock {
  after(delayMs: number, run: () => void): { cancel(): void };
}

/** What one forwarding needs. */
export interface ForwardingParts {
  readonly exchange: Exchange;
  readonly clock: ForwardingClock;
  /** Sends the CANCEL for the request that was forwarded. */
  readonly sendCancel: () => void;
  /** Told of each response that was passed on, for metrics. */
  readonly onForwarded: (status: number) => void;
}

/** One request that was forwarded: what comes back goes to its sender (RFC 3261 §16.7). It has one target, and never forks. */
export class Forwarding implements ResponseHandler {
  readonly #parts: ForwardingParts;
  readonly #isInvite: boolean;
  #transaction: ClientTransaction | undefined;
  #timer: { cancel(): void } | undefined;
  #provisional = false;
  #cancelled = false;
  #cancelSent = false;
  #final = false;

  constructor(parts: ForwardingParts) {
    this.#parts = parts;
    this.#isInvite = parts.exchange.request.method === 'INVITE';
    if (this.#isInvite) this.#startTimer(timerCMs);
  }

  /** The request is on its way. */
  begin(transaction: ClientTransaction): void {
    this.#transaction = transaction;
  }

  /** Nothing was sent, and nothing will come. */
  end(): void {
    this.#finish();
  }

  onResponse(response: SipResponse): void {
    const { status } = response;
    this.#provisional = true;
    if (status < 200) {
      if (this.#cancelled) this.#sendCancel();
      // A 100 is for this hop only; the sender's own came from the server transaction (§16.7 step 5).
      if (status === 100) return;
      if (!this.#cancelled && this.#isInvite) this.#startTimer(timerCMs);
    } else {
      this.#finish();
    }
    // A phone that is overloaded says nothing of this edge: its caller must not avoid it (§16.7 step 6).
    if (status === 503) this.#parts.exchange.reply(500);
    else this.#pass(status, writeForwardedResponse(response));
  }

  onFailure(reason: 'timeout' | 'send-failed'): void {
    if (this.#final) return;
    this.#finish();
    // A 408 to anything but INVITE comes too late, and is not sent by the transaction (RFC 4320 §4.2).
    this.#parts.exchange.reply(reason === 'timeout' ? 408 : 430);
  }

  /** Its sender does not want it any more (RFC 3261 §16.10); where nothing came yet the CANCEL waits (§9.1). */
  cancel(): void {
    if (this.#cancelled || this.#final) return;
    this.#cancelled = true;
    this.#startTimer(cancelledMs);
    if (this.#provisional) this.#sendCancel();
  }

  #sendCancel(): void {
    if (this.#cancelSent) return;
    this.#cancelSent = true;
    this.#parts.sendCancel();
  }

  #pass(status: number, bytes: Buffer | undefined): void {
    const { exchange, onForwarded } = this.#parts;
    if (bytes === undefined || exchange.transaction === undefined) return;
    exchange.pass(status, bytes);
    onForwarded(status);
  }

  #startTimer(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(delayMs, () => this.#onTimer());
  }

  /** RFC 3261 §16.8. */
  #onTimer(): void {
    if (this.#final) return;
    if (this.#cancelled || !this.#provisional) {
      this.#transaction?.abandon();
      this.#finish();
      this.#parts.exchange.reply(this.#cancelled ? 487 : 408);
    } else {
      this.cancel();
    }
  }

  #finish(): void {
    this.#final = true;
    this.#timer?.cancel();
  }
}
