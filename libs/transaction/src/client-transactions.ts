import type { SipResponse } from '@rollcall/sip';
import type {
  ClientRequest,
  ClientTransaction,
  LiveClientTransaction,
  ResponseHandler,
} from './client-transaction.ts';
import type { TransactionClock } from './clock.ts';
import { InviteClient } from './invite-client.ts';
import { NonInviteClient } from './non-invite-client.ts';
import type { ReplyPath } from './reply-path.ts';
import { DEFAULT_TIMERS, type TimerSettings } from './timer-settings.ts';
import { TimerWheel } from './timer-wheel.ts';
import type { EventObserver } from './transaction-event.ts';
import { clientKey, clientKeyOf } from './transaction-key.ts';

const DEFAULT_TRANSACTIONS = 100_000;

/** Settings of {@link ClientTransactions}. */
export interface ClientTransactionsOptions {
  readonly clock: TransactionClock;
  /** Counts; must not throw. */
  readonly onEvent?: EventObserver;
  /** Transactions held at once; beyond it none starts. */
  readonly limits?: { readonly transactions: number };
  readonly timers?: Partial<TimerSettings>;
}

/** All client transactions of a process (RFC 3261 §17.1). */
export class ClientTransactions {
  readonly #entries = new Map<string, LiveClientTransaction>();
  readonly #maxTransactions: number;
  readonly #timers: TimerSettings;
  readonly #wheel: TimerWheel;
  readonly #notify: EventObserver;
  #invites = 0;
  #closed = false;

  constructor(options: ClientTransactionsOptions) {
    this.#timers = { ...DEFAULT_TIMERS, ...options.timers };
    this.#wheel = new TimerWheel(options.clock, this.#timers.tickMs);
    this.#maxTransactions = options.limits?.transactions ?? DEFAULT_TRANSACTIONS;
    this.#notify = options.onEvent ?? (() => undefined);
  }

  /** Transactions held. */
  get size(): number {
    return this.#entries.size;
  }

  /** Those of them that are INVITEs. */
  get inviteCount(): number {
    return this.#invites;
  }

  /**
   * Sends a request, any but ACK, and sees to its repetition. Undefined, with nothing sent, when the table is full or closed.
   * Throws a RangeError when the branch is in use: it must be a new one for each request (RFC 3261 §8.1.1.7).
   */
  start(request: ClientRequest, path: ReplyPath, handler: ResponseHandler): ClientTransaction | undefined {
    if (this.#closed || this.#entries.size >= this.#maxTransactions) {
      this.#notify('refused');
      return undefined;
    }
    const key = clientKey(request.branch, request.method, request.sentBy);
    if (this.#entries.has(key)) throw new RangeError(`branch ${request.branch} is in use`);
    const parts = {
      key,
      request,
      path,
      handler,
      wheel: this.#wheel,
      timers: this.#timers,
      notify: this.#notify,
      remove: (transaction: LiveClientTransaction) => {
        if (this.#entries.delete(transaction.key) && request.method === 'INVITE') this.#invites -= 1;
      },
    };
    const transaction = request.method === 'INVITE' ? new InviteClient(parts) : new NonInviteClient(parts);
    this.#entries.set(key, transaction);
    if (request.method === 'INVITE') this.#invites += 1;
    this.#notify('created');
    transaction.begin();
    return transaction;
  }

  /**
   * Takes a response that has passed validation: top Via and CSeq can be read. False: it belongs to no request of ours and is
   * to be dropped (RFC 6026 §7.2; RFC 3261 §18.1.2).
   */
  receive(response: SipResponse): boolean {
    const transaction = this.#entries.get(clientKeyOf(response));
    if (transaction === undefined) {
      this.#notify('response-stray');
      return false;
    }
    transaction.receive(response);
    return true;
  }

  /** Forgets all without a word, and starts no more. */
  close(): void {
    this.#closed = true;
    for (const transaction of [...this.#entries.values()]) transaction.abandon();
    this.#wheel.close();
  }
}
