import type { SipResponse } from '@rollcall/sip';
import type { ReplyPath } from './reply-path.ts';
import type { TimerSettings } from './timer-settings.ts';
import type { TimerOwner, TimerWheel } from './timer-wheel.ts';
import type { EventObserver } from './transaction-event.ts';

/** `calling`, `trying`: nothing came yet (INVITE, others). `accepted`: INVITE with 2xx (RFC 6026 §7.2). */
export type ClientTransactionState =
  | 'calling'
  | 'trying'
  | 'proceeding'
  | 'completed'
  | 'accepted'
  | 'terminated';

/** A request to send. */
export interface ClientRequest {
  readonly method: string;
  /** Of the top Via; starts with the cookie and is used for this request only. */
  readonly branch: string;
  /** Of the top Via: host, or host:port. Responses that name another are none to this request (RFC 3261 §18.1.2). */
  readonly sentBy: string;
  /** The whole request; may not change while the transaction lives. */
  readonly bytes: Buffer;
}

/** Who sent the request. */
export interface ResponseHandler {
  /** Provisional ones, then one final one; of an INVITE each 2xx, also repeated ones, since forks answer severally. */
  onResponse(response: SipResponse): void;
  /** No final response will come: to be treated as 408 or 503 (RFC 3261 §8.1.3.1). Called at most once, and nothing after it. */
  onFailure(reason: 'timeout' | 'send-failed'): void;
}

/** One request under way. */
export interface ClientTransaction {
  readonly state: ClientTransactionState;
  /** Forgets the request without a word; late responses then match nothing. */
  abandon(): void;
}

/** A transaction as the table holds it. */
export interface LiveClientTransaction extends ClientTransaction, TimerOwner {
  readonly key: string;
  /** Sends the request for the first time. */
  begin(): void;
  receive(response: SipResponse): void;
}

/** What a transaction needs. */
export interface ClientParts {
  readonly key: string;
  readonly request: ClientRequest;
  readonly path: ReplyPath;
  readonly handler: ResponseHandler;
  readonly wheel: TimerWheel;
  readonly timers: TimerSettings;
  readonly notify: EventObserver;
  readonly remove: (transaction: LiveClientTransaction) => void;
}
