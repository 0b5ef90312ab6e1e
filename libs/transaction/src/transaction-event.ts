/** What happened, for counters. */
export type TransactionEvent =
  /** A new transaction. */
  | 'created'
  /** A repeated request was kept from the transaction user. */
  | 'retransmission-absorbed'
  /** A response was sent again. */
  | 'response-resent'
  /** A request was sent again. */
  | 'request-resent'
  /** The table is full. */
  | 'refused'
  /** The same request by another way. */
  | 'merged'
  /** An ACK that belongs to no transaction. */
  | 'ack-stray'
  /** A response that belongs to no transaction. */
  | 'response-stray'
  /** A final response that nobody acknowledged within 64·T1. */
  | 'ack-missing'
  /** A request that got no final response in time. */
  | 'unanswered'
  /** A response given after the end, or one that the RFCs forbid; not sent. */
  | 'response-suppressed'
  /** An answer was given up before 64·T1 to make room. */
  | 'answer-forgotten'
  /** The transport refused a message. */
  | 'send-failed';

/** Takes events; must not throw. */
export type EventObserver = (event: TransactionEvent) => void;
