import type { SipRequest } from '@rollcall/sip';
import type { ReplyPath } from './reply-path.ts';
import { sendMessage } from './send-message.ts';
import type { LiveTransaction, ServerTransactionState, TransactionTable } from './server-transaction.ts';
import { buildTrying } from './stateless-reply.ts';
import { lifetimeMs } from './timer-settings.ts';
import { WheelTimer } from './timer-wheel.ts';

/** The server's side of an INVITE: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1. */
export class InviteServer implements LiveTransaction {
  readonly kind = 'invite';
  readonly request: SipRequest;
  readonly path: ReplyPath;
  readonly key: string;
  readonly mergeKey: string | undefined;
  readonly #table: TransactionTable;
  /** The 100, then timer G. */
  readonly #sendTimer = new WheelTimer(this);
  /** What ends the state: no final response, then timer H, I or L. */
  readonly #endTimer = new WheelTimer(this);
  #state: ServerTransactionState = 'proceeding';
  /** The response that a repetition of the INVITE gets. */
  #latest: Buffer | undefined;
  #retransmitMs = 0;

  constructor(
    request: SipRequest,
    path: ReplyPath,
    key: string,
    mergeKey: string | undefined,
    table: TransactionTable,
  ) {
    this.request = request;
    this.path = path;
    this.key = key;
    this.mergeKey = mergeKey;
    this.#table = table;
    table.wheel.start(this.#sendTimer, table.timers.tryingMs);
    table.wheel.start(this.#endTimer, table.timers.inviteMs);
  }

  get state(): ServerTransactionState {
    return this.#state;
  }

  respond(status: number, bytes: Buffer): void {
    if (this.#state === 'accepted' && status >= 200 && status < 300) {
      this.#send(bytes);
    } else if (this.#state !== 'proceeding') {
      this.#table.notify('response-suppressed');
    } else if (status < 200) {
      // A call that goes on ringing is alive: so says a proxy's timer C, too (§16.7 step 2).
      if (status > 100) this.#table.wheel.start(this.#endTimer, this.#table.timers.inviteMs);
      this.#provide(bytes);
    } else if (status < 300) {
      this.#accept(bytes);
    } else {
      this.#complete(bytes);
    }
  }

  respondAndForget(status: number, bytes: Buffer): void {
    this.respond(status, bytes);
  }

  onRepetition(): void {
    if (this.#latest === undefined) return;
    this.#table.notify('response-resent');
    this.#send(this.#latest);
  }

  /** The ACK of a response other than 2xx came; one of a 2xx is the user's. */
  onAck(): void {
    if (this.#state !== 'completed') return;
    this.#state = 'confirmed';
    this.#latest = undefined;
    this.#table.wheel.stop(this.#sendTimer);
    // Timer I waits for further ACKs; a stream brings none.
    if (this.path.reliable) this.#finish();
    else this.#table.wheel.start(this.#endTimer, this.#table.timers.t4Ms);
  }

  onTimer(timer: WheelTimer): void {
    if (timer === this.#sendTimer) this.#sendAgain();
    else this.#timeOut();
  }

  terminate(): void {
    this.#state = 'terminated';
    this.#latest = undefined;
    this.#table.wheel.stop(this.#sendTimer);
    this.#table.wheel.stop(this.#endTimer);
  }

  #provide(bytes: Buffer): void {
    this.#latest = bytes;
    this.#table.wheel.stop(this.#sendTimer);
    this.#send(bytes);
  }

  #accept(bytes: Buffer): void {
    this.#state = 'accepted';
    // Repeating a 2xx is the user's business (RFC 6026 §7.1).
    this.#latest = undefined;
    this.#table.wheel.stop(this.#sendTimer);
    this.#table.wheel.start(this.#endTimer, lifetimeMs(this.#table.timers));
    this.#send(bytes);
  }

  #complete(bytes: Buffer): void {
    const { timers, wheel } = this.#table;
    this.#state = 'completed';
    this.#latest = bytes;
    wheel.start(this.#endTimer, lifetimeMs(timers));
    if (this.path.reliable) {
      wheel.stop(this.#sendTimer);
    } else {
      this.#retransmitMs = timers.t1Ms;
      wheel.start(this.#sendTimer, timers.t1Ms);
    }
    this.#send(bytes);
  }

  #sendAgain(): void {
    const { timers, wheel, notify } = this.#table;
    if (this.#state === 'proceeding') {
      this.#provide(buildTrying(this.request, this.path));
    } else if (this.#latest !== undefined) {
      this.#retransmitMs = Math.min(this.#retransmitMs * 2, timers.t2Ms);
      wheel.start(this.#sendTimer, this.#retransmitMs);
      notify('response-resent');
      this.#send(this.#latest);
    }
  }

  #timeOut(): void {
    if (this.#state === 'proceeding') this.#table.notify('unanswered');
    if (this.#state === 'completed') this.#table.notify('ack-missing');
    this.#finish();
  }

  #finish(): void {
    this.terminate();
    this.#table.remove(this);
  }

  #send(bytes: Buffer): void {
    sendMessage(this.path, bytes, this.#table.notify);
  }
}
