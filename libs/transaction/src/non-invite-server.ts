import type { SipRequest } from '@rollcall/sip';
import type { ReplyPath } from './reply-path.ts';
import { sendMessage } from './send-message.ts';
import type { LiveTransaction, ServerTransactionState, TransactionTable } from './server-transaction.ts';
import { buildTrying } from './stateless-reply.ts';
import { lifetimeMs, nonInviteTryingMs } from './timer-settings.ts';
import { WheelTimer } from './timer-wheel.ts';

/**
 * The server's side of any method but INVITE and ACK: RFC 3261 §17.2.2 as RFC 4320 corrects it. It lives until its final
 * response; what is to be repeated after that is kept by the table, without the request.
 */
export class NonInviteServer implements LiveTransaction {
  readonly kind = 'non-invite';
  readonly request: SipRequest;
  readonly path: ReplyPath;
  readonly key: string;
  readonly mergeKey: string | undefined;
  readonly #table: TransactionTable;
  /** First for the 100, then for the end. */
  readonly #timer = new WheelTimer(this);
  #state: ServerTransactionState = 'trying';
  #trying: Buffer | undefined;

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
    table.wheel.start(this.#timer, nonInviteTryingMs(table.timers));
  }

  get state(): ServerTransactionState {
    return this.#state;
  }

  respond(status: number, bytes: Buffer): void {
    if (!this.#mayRespond(status)) return;
    this.#end('completed');
    // Timer J: 64·T1 over UDP; over a stream nothing comes twice.
    if (this.path.reliable) this.#table.remove(this);
    else this.#table.replaceByAnswer(this, bytes);
    sendMessage(this.path, bytes, this.#table.notify);
  }

  respondAndForget(status: number, bytes: Buffer): void {
    if (!this.#mayRespond(status)) return;
    this.terminate();
    this.#table.remove(this);
    sendMessage(this.path, bytes, this.#table.notify);
  }

  onRepetition(): void {
    if (this.#trying === undefined) return;
    this.#table.notify('response-resent');
    sendMessage(this.path, this.#trying, this.#table.notify);
  }

  onTimer(): void {
    const { timers, wheel, notify } = this.#table;
    if (this.#state === 'trying') {
      this.#state = 'proceeding';
      this.#trying = buildTrying(this.request, this.path);
      wheel.start(this.#timer, lifetimeMs(timers) - nonInviteTryingMs(timers));
      sendMessage(this.path, this.#trying, notify);
      return;
    }
    // The client has given up by now; RFC 4320 §4.2: no 408, no answer at all.
    notify('unanswered');
    this.terminate();
    this.#table.remove(this);
  }

  terminate(): void {
    this.#end('terminated');
  }

  #end(state: 'completed' | 'terminated'): void {
    this.#state = state;
    this.#table.wheel.stop(this.#timer);
  }

  #mayRespond(status: number): boolean {
    const allowed =
      (this.#state === 'trying' || this.#state === 'proceeding') && status >= 200 && status !== 408;
    if (!allowed) this.#table.notify('response-suppressed');
    return allowed;
  }
}
