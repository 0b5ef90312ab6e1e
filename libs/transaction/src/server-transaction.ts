import type { SipRequest } from '@rollcall/sip';
import type { ReplyPath } from './reply-path.ts';
import type { TimerSettings } from './timer-settings.ts';
import type { TimerOwner, TimerWheel } from './timer-wheel.ts';
import type { EventObserver } from './transaction-event.ts';

/**
 * `trying`: non-INVITE, nothing sent yet. `proceeding`: a provisional response was sent, or may be. `completed`: the final
 * response was sent. `confirmed`: INVITE, the ACK came. `accepted`: INVITE answered with 2xx (RFC 6026 §7.1).
 */
export type ServerTransactionState =
  | 'trying'
  | 'proceeding'
  | 'completed'
  | 'confirmed'
  | 'accepted'
  | 'terminated';

/** One request and its responses, as its user sees it. */
export interface ServerTransaction {
  readonly request: SipRequest;
  readonly path: ReplyPath;
  readonly state: ServerTransactionState;
  /**
   * Sends a response and keeps it for repetitions of the request. What the RFCs forbid is not sent: anything after the final
   * response (except 2xx to an INVITE that has one), 408 to a non-INVITE, its provisional responses (RFC 4320). A 100 is sent
   * by the transaction itself when it is due.
   */
  respond(status: number, bytes: Buffer): void;
  /**
   * Sends a final response to a non-INVITE and forgets the request at once: a repetition is then a new request. For answers
   * that cost nothing to make again, such as challenges (RFC 3261 §8.2.7); an INVITE needs its ACK, and is kept.
   */
  respondAndForget(status: number, bytes: Buffer): void;
}

/** A transaction as the table holds it. */
export interface LiveTransaction extends ServerTransaction, TimerOwner {
  readonly kind: 'invite' | 'non-invite';
  readonly key: string;
  /** Set where merged requests are looked for. */
  readonly mergeKey: string | undefined;
  /** The same request came again. */
  onRepetition(): void;
  /** Gives up without a word: the table closes. */
  terminate(): void;
}

/** What a transaction needs of its table. */
export interface TransactionTable {
  readonly wheel: TimerWheel;
  readonly timers: TimerSettings;
  readonly notify: EventObserver;
  /** The transaction is over. */
  remove(transaction: LiveTransaction): void;
  /** The transaction is over, but its answer is to be given to repetitions of the request. */
  replaceByAnswer(transaction: LiveTransaction, bytes: Buffer): void;
}
