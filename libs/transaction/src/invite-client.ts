import type { SipResponse } from '@rollcall/sip';
import { buildAck } from './build-ack.ts';
import type { ClientParts, ClientTransactionState, LiveClientTransaction } from './client-transaction.ts';
import { sendMessage } from './send-message.ts';
import { lifetimeMs } from './timer-settings.ts';
import { WheelTimer } from './timer-wheel.ts';

/** The client's side of an INVITE: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2. The ACK of a 2xx is the user's. */
export class InviteClient implements LiveClientTransaction {
  readonly key: string;
  readonly #parts: ClientParts;
  /** Timer A. */
  readonly #sendTimer = new WheelTimer(this);
  /** Timer B, the limit of Proceeding, then D or M. */
  readonly #endTimer = new WheelTimer(this);
  #state: ClientTransactionState = 'calling';
  #intervalMs: number;
  /** Acknowledges the final response, again for each repetition. */
  #ack: Buffer | undefined;

  constructor(parts: ClientParts) {
    this.key = parts.key;
    this.#parts = parts;
    this.#intervalMs = parts.timers.t1Ms;
  }

  get state(): ClientTransactionState {
    return this.#state;
  }

  begin(): void {
    const { wheel, timers, path } = this.#parts;
    wheel.start(this.#endTimer, lifetimeMs(timers));
    if (!path.reliable) wheel.start(this.#sendTimer, this.#intervalMs);
    this.#send(this.#parts.request.bytes);
  }

  receive(response: SipResponse): void {
    const { status } = response;
    if (this.#state === 'calling' || this.#state === 'proceeding') {
      if (status < 200) this.#proceed(response);
      else if (status < 300) this.#accept(response);
      else this.#complete(response);
    } else if (this.#state === 'accepted') {
      // Another fork's 2xx, or a repetition: each needs the user's ACK.
      if (status >= 200 && status < 300) this.#parts.handler.onResponse(response);
    } else if (this.#state === 'completed' && status >= 300 && this.#ack !== undefined) {
      this.#send(this.#ack);
    }
  }

  onTimer(timer: WheelTimer): void {
    if (timer === this.#sendTimer) this.#sendAgain();
    else if (this.#state === 'calling' || this.#state === 'proceeding') this.#fail('timeout');
    else this.abandon();
  }

  abandon(): void {
    if (this.#state === 'terminated') return;
    this.#state = 'terminated';
    this.#parts.wheel.stop(this.#sendTimer);
    this.#parts.wheel.stop(this.#endTimer);
    this.#parts.remove(this);
  }

  #proceed(response: SipResponse): void {
    const { wheel, timers, handler } = this.#parts;
    this.#state = 'proceeding';
    wheel.stop(this.#sendTimer);
    // Timer B is over; a proxy's timer C is the user's. This only gives the memory back if nothing ever ends the call.
    wheel.start(this.#endTimer, timers.inviteMs);
    handler.onResponse(response);
  }

  #accept(response: SipResponse): void {
    const { wheel, timers, handler } = this.#parts;
    this.#state = 'accepted';
    wheel.stop(this.#sendTimer);
    // Timer M.
    wheel.start(this.#endTimer, lifetimeMs(timers));
    handler.onResponse(response);
  }

  #complete(response: SipResponse): void {
    const { wheel, timers, path, request, handler } = this.#parts;
    this.#state = 'completed';
    wheel.stop(this.#sendTimer);
    // Timer D: at least 32 s, as long as the server may repeat its response.
    wheel.start(this.#endTimer, Math.max(32_000, lifetimeMs(timers)));
    this.#ack = buildAck(request.bytes, response);
    if (this.#send(this.#ack) && path.reliable) this.abandon();
    handler.onResponse(response);
  }

  #sendAgain(): void {
    const { wheel, notify, request } = this.#parts;
    this.#intervalMs *= 2;
    wheel.start(this.#sendTimer, this.#intervalMs);
    notify('request-resent');
    this.#send(request.bytes);
  }

  /** A message that cannot be sent ends the transaction; before the final response its user is told. */
  #send(bytes: Buffer): boolean {
    if (sendMessage(this.#parts.path, bytes, this.#parts.notify)) return true;
    if (this.#state === 'calling') this.#fail('send-failed');
    else this.abandon();
    return false;
  }

  #fail(reason: 'timeout' | 'send-failed'): void {
    if (reason === 'timeout') this.#parts.notify('unanswered');
    this.abandon();
    this.#parts.handler.onFailure(reason);
  }
}
