import { randomBytes } from 'node:crypto';
import type { SipResponse } from '@rollcall/sip';
import {
  type ClientTransaction,
  ClientTransactions,
  type EventObserver,
  type ResponseHandler,
  type TransactionClock,
} from '@rollcall/transaction';
import { type Flow, formatHostPort } from '@rollcall/transport';
import type { OwnAddress } from './own-address.ts';

/** Starts every branch made by RFC 3261 (§8.1.1.7). */
const cookie = 'z9hG4bK';

/** Most requests of our own that wait for their final response. */
const mostTransactions = 50_000;

/** A request that is to be sent. */
export interface OutgoingRequest {
  readonly method: string;
  /** From {@link newBranch}; default a new one. A CANCEL has its INVITE's (§9.1). */
  readonly branch?: string;
  /**
   * Makes the bytes of the whole request.
   *
   * @param viaRow the row for its top Via, with its line end; its branch is the transaction's
   */
  write(viaRow: string): Buffer;
}

/**
 * A branch that no other request has (§8.1.1.7).
 *
 * @param mark what the branch ends with
 */
export function newBranch(mark = ''): string {
  return `${cookie}${randomBytes(12).toString('hex')}${mark}`;
}

/** A request under way, as the sender keeps it. */
interface UnderWay {
  readonly transaction: ClientTransaction;
  readonly handler: ResponseHandler;
}

/**
 * Sends requests along flows, each in a client transaction (RFC 3261 §17.1), and gives the responses that the sockets
 * bring to the transactions that they belong to.
 */
export class RequestSender {
  readonly #transactions: ClientTransactions;
  readonly #own: OwnAddress;
  /** By stream, so that nobody waits for a response that a closed connection cannot bring. */
  readonly #byStream = new Map<Flow, Set<UnderWay>>();

  constructor(parts: { clock: TransactionClock; own: OwnAddress; onEvent?: EventObserver }) {
    this.#own = parts.own;
    this.#transactions = new ClientTransactions({
      clock: parts.clock,
      limits: { transactions: mostTransactions },
      ...(parts.onEvent === undefined ? undefined : { onEvent: parts.onEvent }),
    });
  }

  /** Requests that wait for their final response, or for repetitions of it. */
  get size(): number {
    return this.#transactions.size;
  }

  /** Those of them that are INVITEs. */
  get inviteCount(): number {
    return this.#transactions.inviteCount;
  }

  /**
   * Sends a request, any but ACK. The handler is told what comes of it, `send-failed` also where the flow closes
   * meanwhile, perhaps before this call returns. Undefined, with nothing sent and nobody told, where as many as allowed
   * are under way.
   */
  send(request: OutgoingRequest, flow: Flow, handler: ResponseHandler): ClientTransaction | undefined {
    const { method, branch = newBranch() } = request;
    const sentBy = this.#sentBy(flow);
    const bytes = request.write(viaRowOf(flow, sentBy, branch));
    const path = {
      reliable: flow.reliable,
      send: (message: Buffer) => {
        // What is sent along a closed flow is only counted there; here it must be known (§17.1.4).
        if (!flow.open) throw new Error('the flow is closed');
        flow.send(message);
      },
    };
    const sent = { method, branch, sentBy, bytes };
    if (!flow.reliable) return this.#transactions.start(sent, path, handler);
    let over = false;
    let underWay: UnderWay | undefined;
    const finish = () => {
      over = true;
      if (underWay !== undefined) this.#forget(flow, underWay);
    };
    const transaction = this.#transactions.start(sent, path, {
      onResponse: (response) => {
        if (response.status >= 200) finish();
        handler.onResponse(response);
      },
      onFailure: (reason) => {
        finish();
        handler.onFailure(reason);
      },
    });
    if (transaction === undefined || over) return transaction;
    underWay = { transaction, handler };
    const underWays = this.#byStream.get(flow) ?? new Set();
    this.#byStream.set(flow, underWays.add(underWay));
    return transaction;
  }

  /** Our Via. With rport, so that the response comes back through a NAT that this edge may be behind (RFC 3581 §3). */
  viaRow(flow: Flow, branch: string): string {
    return viaRowOf(flow, this.#sentBy(flow), branch);
  }

  #sentBy(flow: Flow): string {
    return formatHostPort(this.#own.of(flow));
  }

  /** Takes a valid response; false where it belongs to no request of ours. */
  receive(response: SipResponse): boolean {
    return this.#transactions.receive(response);
  }

  /** A connection is gone: no response will come by it. */
  onFlowClosed(flow: Flow): void {
    const lost = this.#byStream.get(flow);
    this.#byStream.delete(flow);
    for (const { transaction, handler } of lost ?? []) {
      if (transaction.state === 'terminated') continue;
      transaction.abandon();
      handler.onFailure('send-failed');
    }
  }

  /** Forgets all requests, without a word to anybody. */
  close(): void {
    this.#transactions.close();
    this.#byStream.clear();
  }

  #forget(flow: Flow, underWay: UnderWay): void {
    const underWays = this.#byStream.get(flow);
    underWays?.delete(underWay);
    if (underWays?.size === 0) this.#byStream.delete(flow);
  }
}

function viaRowOf({ transport }: Flow, sentBy: string, branch: string): string {
  return `Via: SIP/2.0/${transport.toUpperCase()} ${sentBy};branch=${branch};rport\r\n`;
}
