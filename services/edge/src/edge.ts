import { type Clock, type Logger, LogLimit, type Tracing } from '@rollcall/runtime';
import {
  parseMessage,
  SipParseError,
  type SipRequest,
  type SipResponse,
  validateRequest,
  validateResponse,
} from '@rollcall/sip';
import { type ServerTransaction, ServerTransactions } from '@rollcall/transaction';
import type { Flow, MessageSink } from '@rollcall/transport';
import { Exchange } from './exchange.ts';
import { replyToFault, retryAfterRow, shedReasonOf } from './fault-reply.ts';
import type { EndedFlows } from './forwarding/ended-flows.ts';
import type { ForwardRoute } from './forwarding/forward-route.ts';
import type { LateReplies } from './late-replies.ts';
import type { EdgeMetrics } from './metrics.ts';
import type { OutgoingFlows } from './outgoing-flows.ts';
import type { RedirectRoute } from './redirect-route.ts';
import type { SubscribeRoute } from './reg-event/subscribe-route.ts';
import type { RegisterRoute } from './register-route.ts';
import { refuseBody } from './request-body.ts';
import type { RequestSender } from './request-sender.ts';
import { beginTrace } from './request-traces.ts';
import { addressesServer, answerForServer } from './server-route.ts';
import type { TransactionCounts } from './transaction-metrics.ts';

/** Most server transactions under way at once; beyond it requests are shed. */
export const mostTransactions = 400_000;

/** A mistake that every message finds must not fill the disk. */
const bugLinesPerSecond = 5;

/**
 * What a Proxy-Require may name (RFC 3261 section 20.29): a trunk that registers its numbers in bulk says gin there too
 * (RFC 6140 section 5.1).
 */
const proxyFeatures = { proxyRequire: new Set(['gin']) };

/**
 * The way of a message: bytes → message → what is owed to a bad one → transaction (a retransmission goes no further) →
 * route. Everything the internet sends ends in an answer, in silence with a count, or with the connection closed.
 */
export class Edge implements MessageSink {
  readonly #transactions: ServerTransactions;
  readonly #register: RegisterRoute;
  readonly #redirect: RedirectRoute;
  readonly #subscribe: SubscribeRoute;
  readonly #forward: ForwardRoute;
  readonly #ended: EndedFlows;
  readonly #late: LateReplies;
  readonly #sender: RequestSender;
  readonly #outgoing: OutgoingFlows;
  readonly #metrics: EdgeMetrics;
  readonly #tracing: Tracing | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #bugLimit: LogLimit;
  readonly #random: () => number;
  #pending = 0;

  constructor(parts: {
    register: RegisterRoute;
    redirect: RedirectRoute;
    subscribe: SubscribeRoute;
    forward: ForwardRoute;
    ended: EndedFlows;
    late: LateReplies;
    sender: RequestSender;
    outgoing: OutgoingFlows;
    metrics: EdgeMetrics;
    tracing: Tracing | undefined;
    clock: Clock;
    logger: Logger;
    random: () => number;
  }) {
    this.#register = parts.register;
    this.#redirect = parts.redirect;
    this.#subscribe = parts.subscribe;
    this.#forward = parts.forward;
    this.#ended = parts.ended;
    this.#late = parts.late;
    this.#sender = parts.sender;
    this.#outgoing = parts.outgoing;
    this.#metrics = parts.metrics;
    this.#tracing = parts.tracing;
    this.#clock = parts.clock;
    this.#logger = parts.logger;
    this.#bugLimit = new LogLimit(bugLinesPerSecond, parts.clock);
    this.#random = parts.random;
    this.#transactions = new ServerTransactions({
      clock: parts.clock,
      limits: { transactions: mostTransactions },
      // We are the UAS of the domain, not a proxy in front of it (RFC 3261 section 8.2.2.2).
      detectMerged: true,
      onRequest: (transaction) => this.#onTransaction(transaction),
      onCancel: (cancel, invite, matched) => this.#onCancel(cancel, invite, matched),
      onAck: (_request, path) => this.#onAck(path as Exchange),
      onEvent: parts.metrics.transactionEvent,
    });
  }

  /** The size of the transaction table now. */
  get transactionCounts(): TransactionCounts {
    const { liveCount, liveInviteCount, size } = this.#transactions;
    const { size: clients, inviteCount: clientInvites } = this.#sender;
    return { live: liveCount, liveInvites: liveInviteCount, held: size, clients, clientInvites };
  }

  /** Requests that have no final answer yet. */
  get pendingCount(): number {
    return this.#pending;
  }

  /** One datagram, or one message framed out of a stream. */
  onMessage(bytes: Buffer, flow: Flow): void {
    try {
      const message = parseMessage(bytes, flow.framing);
      if (message.kind === 'request') this.#onRequest(message, flow);
      else this.#onResponse(message, flow);
    } catch (error) {
      this.#drop(error, flow);
    }
  }

  /** A stream that cannot be framed any more: say so to what can be answered; the transport closes it. */
  onFramingError(error: SipParseError, head: Buffer, flow: Flow): void {
    this.#metrics.parseError(flow.transport, error);
    try {
      const message = parseMessage(head, 'stream');
      if (message.kind === 'request' && message.method !== 'ACK')
        this.#exchange(message, flow).reply(error.status ?? 400, '', error.reasonPhrase || undefined);
    } catch (unreadable) {
      this.#drop(unreadable, flow);
    }
  }

  onFlowClosed(flow: Flow): void {
    this.#sender.onFlowClosed(flow);
    this.#outgoing.onFlowClosed(flow);
    this.#ended.onFlowClosed(flow);
  }

  /** Gives all transactions back. */
  close(): void {
    this.#transactions.close();
    this.#sender.close();
  }

  /** What cannot be read, or belongs to no request of ours, is dropped (RFC 3261 section 18.1.2). */
  #onResponse(response: SipResponse, flow: Flow): void {
    if (validateResponse(response) !== undefined) this.#metrics.dropped(flow.transport, 'malformed');
    else if (this.#sender.receive(response)) this.#metrics.responseReceived(response.status);
    else this.#metrics.dropped(flow.transport, 'stray_response');
  }

  #onRequest(request: SipRequest, flow: Flow): void {
    const verdict = validateRequest(request, proxyFeatures);
    if (verdict !== undefined) {
      if (request.method === 'ACK' || verdict.status === undefined)
        this.#metrics.dropped(flow.transport, 'malformed');
      else this.#exchange(request, flow).reply(verdict.status, verdict.headers ?? '', verdict.reasonPhrase);
      return;
    }
    const exchange = this.#exchange(request, flow);
    if (this.#tracing !== undefined) exchange.span = beginTrace(this.#tracing, request, flow.transport);
    if (request.method !== 'REGISTER') exchange.plan = this.#forward.plan(exchange);
    if (exchange.plan === undefined && this.#challenge(exchange)) return;
    const how = this.#transactions.receive(request, exchange, exchange.plan !== undefined);
    if (how === 'absorbed') this.#metrics.retransmission(request.method, flow.transport);
    else if (how === 'refused') this.shed(exchange);
    else if (how === 'merged') exchange.reply(482);
  }

  /** What needs no transaction; what it finds malformed is answered by the route, in one. */
  #challenge(exchange: Exchange): boolean {
    const { method, body } = exchange.request;
    if (method !== 'REGISTER' && method !== 'SUBSCRIBE') return false;
    const route = method === 'REGISTER' ? this.#register : this.#subscribe;
    try {
      if (body.length > 0 || !route.challenge(exchange)) return false;
    } catch (error) {
      if (error instanceof SipParseError) return false;
      throw error;
    }
    this.#metrics.received(exchange);
    return true;
  }

  #exchange(request: SipRequest, flow: Flow): Exchange {
    return new Exchange(request, flow, this.#clock.nowMs(), this.#metrics.replied, this.#late);
  }

  #onTransaction(transaction: ServerTransaction): void {
    const exchange = transaction.path as Exchange;
    exchange.transaction = transaction;
    this.#metrics.received(exchange);
    this.#pending += 1;
    this.#route(exchange)
      .catch((error: unknown) => this.#fail(exchange, error))
      .finally(() => {
        this.#pending -= 1;
      });
  }

  /** An ACK of a 2xx: end to end, so along the flow, or to nobody. */
  #onAck(exchange: Exchange): void {
    if (exchange.plan === undefined) return;
    this.#forward.ack(exchange, exchange.plan).catch((error: unknown) => this.#logBug(error));
  }

  /** A CANCEL is answered by each hop; what was forwarded is cancelled on the way on (RFC 3261 section 16.10). */
  #onCancel(cancel: ServerTransaction, invite: ServerTransaction | undefined, matched: boolean): void {
    const exchange = cancel.path as Exchange;
    exchange.transaction = cancel;
    exchange.reply(matched ? 200 : 481);
    if (invite === undefined) return;
    const { forwarding } = invite.path as Exchange;
    if (forwarding !== undefined) forwarding.cancel();
    else if (invite.state === 'proceeding') (invite.path as Exchange).reply(487);
  }

  /** There is no room for a request: 503. */
  shed(exchange: Exchange): void {
    this.#metrics.shed(exchange.request.method, 'transactions_full');
    exchange.reply(503, retryAfterRow(0, this.#random));
  }

  #fail(exchange: Exchange, error: unknown): void {
    try {
      const reason = shedReasonOf(error);
      if (reason !== undefined) this.#metrics.shed(exchange.request.method, reason);
      if (!replyToFault(exchange, error, this.#random)) this.#logBug(error);
    } catch (another) {
      this.#logBug(another);
    }
  }

  /** What arrives never ends the process: not even where it finds a mistake of ours. */
  #drop(error: unknown, flow: Flow): void {
    if (error instanceof SipParseError) {
      this.#metrics.parseError(flow.transport, error);
      this.#metrics.dropped(flow.transport, 'malformed');
    } else {
      this.#metrics.dropped(flow.transport, 'bug');
      this.#logBug(error);
    }
  }

  #logBug(error: unknown): void {
    const unsaid = this.#bugLimit.mayLog();
    if (unsaid !== undefined)
      this.#logger.error({ err: error, unsaid }, 'a message failed by a mistake of ours');
  }

  async #route(exchange: Exchange): Promise<void> {
    const { request, plan } = exchange;
    if (plan !== undefined) return this.#forward.answer(exchange, plan);
    if (request.method === 'REGISTER') {
      if (refuseBody(exchange)) return;
      return this.#register.answer(exchange);
    }
    if (request.method === 'SUBSCRIBE' && (await this.#subscribe.answer(exchange))) return;
    if (addressesServer(request.requestUri)) return answerForServer(exchange);
    // All other dialogs are elsewhere (RFC 3261 section 12.2.2).
    if (request.to.tag !== undefined) return exchange.reply(481);
    return this.#redirect.answer(exchange);
  }
}
