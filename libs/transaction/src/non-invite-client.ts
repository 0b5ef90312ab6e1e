import type { SipResponse } from '@rollcall/sip';
import type { ClientParts, ClientTransactionState, LiveClientTransaction } from './client-transaction.ts';
import { sendMessage } from './send-message.ts';
import { lifetimeMs } from './timer-settings.ts';
import { WheelTimer } from './timer-wheel.ts';

/** The client's side of any method but INVITE and ACK: RFC 3261 §17.1.2. */
export class NonInviteClient implements LiveClientTransaction {
  readonly key: string;
  readonly #parts: ClientParts;
  /** Timer E. */
  readonly #sendTimer = new WheelTimer(this);
  /** Timer F, then K. */
  readonly #endTimer = new WheelTimer(this);
  #state: ClientTransactionState = 'trying';
  #intervalMs: number;

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
    this.#send();
  }

  receive(response: SipResponse): void {
    if (this.#state === 'completed' || this.#state === 'terminated') return;
    const { wheel, timers, path, handler } = this.#parts;
    if (response.status < 200) {
      this.#state = 'proceeding';
    } else {
      this.#state = 'completed';
      wheel.stop(this.#sendTimer);
      // Timer K takes up repeated responses; a stream brings none.
      if (path.reliable) this.abandon();
      else wheel.start(this.#endTimer, timers.t4Ms);
    }
    handler.onResponse(response);
  }

  onTimer(timer: WheelTimer): void {
    if (timer === this.#sendTimer) this.#sendAgain();
    else if (this.#state === 'completed') this.abandon();
    else this.#fail('timeout');
  }

  abandon(): void {
    if (this.#state === 'terminated') return;
    this.#state = 'terminated';
    this.#parts.wheel.stop(this.#sendTimer);
    this.#parts.wheel.stop(this.#endTimer);
    this.#parts.remove(this);
  }

  #sendAgain(): void {
    const { wheel, timers, notify } = this.#parts;
    // Once a 100 has come, the request is known to have arrived, and is only repeated every T2.
    this.#intervalMs =
      this.#state === 'proceeding' ? timers.t2Ms : Math.min(this.#intervalMs * 2, timers.t2Ms);
    wheel.start(this.#sendTimer, this.#intervalMs);
    notify('request-resent');
    this.#send();
  }

  #send(): void {
    const { path, request, notify } = this.#parts;
    if (!sendMessage(path, request.bytes, notify)) this.#fail('send-failed');
  }

  #fail(reason: 'timeout' | 'send-failed'): void {
    if (reason === 'timeout') this.#parts.notify('unanswered');
    this.abandon();
    this.#parts.handler.onFailure(reason);
  }
}
