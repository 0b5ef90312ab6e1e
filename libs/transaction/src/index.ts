export { AnswerLog } from './answer-log.ts';
export { buildCancel } from './build-cancel.ts';
export type {
  ClientRequest,
  ClientTransaction,
  ClientTransactionState,
  ResponseHandler,
} from './client-transaction.ts';
export { ClientTransactions, type ClientTransactionsOptions } from './client-transactions.ts';
export type { TransactionClock, TransactionTimer } from './clock.ts';
export type { ReplyPath } from './reply-path.ts';
export type { ServerTransaction, ServerTransactionState } from './server-transaction.ts';
export {
  type ReceiveResult,
  type ServerTransactionLimits,
  ServerTransactions,
  type ServerTransactionsOptions,
} from './server-transactions.ts';
export { replyStatelessly } from './stateless-reply.ts';
export type { TimerSettings } from './timer-settings.ts';
export { toTagFor } from './to-tag.ts';
export type { EventObserver, TransactionEvent } from './transaction-event.ts';
