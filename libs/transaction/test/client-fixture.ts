import { ManualClock } from '@rollcall/testkit';
import {
  type ClientTransaction,
  ClientTransactions,
  type ResponseHandler,
  type TransactionEvent,
} from '../src/index.ts';
import { makeRequest, makeResponse, RecordedPath, type RequestShape, requestBytes } from './messages.ts';

/** A table of client transactions on a manual clock, and what its user was told. */
export class ClientFixture implements ResponseHandler {
  readonly clock = new ManualClock();
  readonly path: RecordedPath;
  readonly told: (number | string)[] = [];
  readonly events: TransactionEvent[] = [];
  readonly transactions: ClientTransactions;

  constructor(reliable = false, limit = 10) {
    this.path = new RecordedPath(reliable);
    this.transactions = new ClientTransactions({
      clock: this.clock,
      onEvent: (event) => this.events.push(event),
      limits: { transactions: limit },
    });
  }

  start(shape: RequestShape): ClientTransaction | undefined {
    return this.transactions.start(
      {
        method: shape.method ?? 'REGISTER',
        branch: shape.branch ?? 'z9hG4bKalice1',
        sentBy: shape.sentBy ?? '192.0.2.1:5060',
        bytes: requestBytes(shape),
      },
      this.path,
      this,
    );
  }

  /** A response from the server to the request of this shape. */
  receive(shape: RequestShape, status: number): boolean {
    return this.transactions.receive(makeResponse(makeRequest(shape), status));
  }

  onResponse(response: { readonly status: number }): void {
    this.told.push(response.status);
  }

  onFailure(reason: 'timeout' | 'send-failed'): void {
    this.told.push(reason);
  }

  /** Methods of the messages sent. */
  get sent(): string[] {
    return this.path.sent.map((bytes) => bytes.toString('latin1').split(' ', 1)[0] ?? '');
  }
}
