import { ManualClock } from '@rollcall/testkit';
import {
  type ServerTransaction,
  ServerTransactions,
  type ServerTransactionsOptions,
  type TransactionEvent,
} from '../src/index.ts';
import { makeRequest, RecordedPath, type RequestShape, responseBytes } from './messages.ts';

/** A table of server transactions on a manual clock, whose user does nothing by itself. */
export class ServerFixture {
  readonly clock = new ManualClock();
  readonly path: RecordedPath;
  readonly given: ServerTransaction[] = [];
  readonly events: TransactionEvent[] = [];
  readonly transactions: ServerTransactions;

  constructor(options: Partial<ServerTransactionsOptions> & { readonly reliable?: boolean } = {}) {
    this.path = new RecordedPath(options.reliable ?? false);
    this.transactions = new ServerTransactions({
      clock: this.clock,
      onRequest: (transaction) => this.given.push(transaction),
      onEvent: (event) => this.events.push(event),
      ...options,
    });
  }

  receive(shape: RequestShape = {}, path = this.path) {
    return this.transactions.receive(makeRequest(shape), path);
  }

  /** The transaction given last. */
  get last(): ServerTransaction {
    const last = this.given.at(-1);
    if (last === undefined) throw new RangeError('nothing was given');
    return last;
  }

  respond(status: number, transaction = this.last): Buffer {
    const bytes = responseBytes(transaction.request, status);
    transaction.respond(status, bytes);
    return bytes;
  }

  respondAndForget(transaction: ServerTransaction, status: number): void {
    transaction.respondAndForget(status, responseBytes(transaction.request, status));
  }

  count(event: TransactionEvent): number {
    return this.events.filter((each) => each === event).length;
  }
}
