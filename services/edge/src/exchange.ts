import type { Span } from '@rollcall/runtime';
import { buildResponse, reasonPhrases, type SipRequest } from '@rollcall/sip';
import { type ReplyPath, type ServerTransaction, toTagFor } from '@rollcall/transaction';
import { type Flow, type HostPort, responseTarget } from '@rollcall/transport';
import type { RoutePlan } from './forwarding/route-plan.ts';
import type { LateReplies } from './late-replies.ts';
import { endTrace } from './request-traces.ts';

/** What a UDP datagram can hold (IPv4); beyond it the system refuses to send, and the phone would hear nothing at all. */
const mostDatagramBytes = 65_507;

/** Told of every response, for metrics. */
export type ReplyObserver = (exchange: Exchange, status: number) => void;

/**
 * One request and the way back to its sender: the response goes out by the flow that the request came by, to where
 * RFC 3261 section 18.2.2 and RFC 3581 section 4 say.
 */
export class Exchange implements ReplyPath {
  readonly request: SipRequest;
  readonly flow: Flow;
  readonly reliable: boolean;
  /** What the top Via of responses says of the source (RFC 3261 section 18.2.1, RFC 3581 section 4). */
  readonly received: string | undefined;
  readonly rport: number | undefined;
  /** When the request was received, in milliseconds since 1970. */
  readonly receivedAtMs: number;
  /** The transaction; undefined where the answer is stateless. */
  transaction: ServerTransaction | undefined;
  /** The trace of this request; undefined where it is not traced, which is nearly always. */
  span: Span | undefined;
  /** Where the request goes on to; undefined where it is answered here. */
  plan: RoutePlan | undefined;
  /** Ends what it became, once it went on. */
  forwarding: { cancel(): void } | undefined;
  readonly #target: HostPort;
  #toTag: string | undefined;
  readonly #observe: ReplyObserver;
  readonly #late: Pick<LateReplies, 'send'>;

  constructor(
    request: SipRequest,
    flow: Flow,
    receivedAtMs: number,
    observe: ReplyObserver,
    late: Pick<LateReplies, 'send'>,
  ) {
    this.request = request;
    this.flow = flow;
    this.reliable = flow.reliable;
    this.receivedAtMs = receivedAtMs;
    this.#observe = observe;
    this.#late = late;
    const target = responseTarget(request.topVia, flow.remote, flow.reliable);
    this.#target = target;
    this.received = target.received;
    this.rport = target.rport;
  }

  /** What goes with the calls made for this request; empty where it is not traced. */
  get traceparent(): string {
    return this.span === undefined ? '' : this.span.traceparent;
  }

  /** The To tag of every response to this request. */
  get toTag(): string {
    this.#toTag ??= toTagFor(this.request);
    return this.#toTag;
  }

  /** Gives the responses another To tag: that of a dialog. */
  useToTag(tag: string): void {
    this.#toTag = tag;
  }

  /** Sends bytes to where this request's responses go. */
  send(bytes: Buffer): void {
    const { flow } = this;
    if (flow.sendTo !== undefined) return flow.sendTo(this.#target, bytes);
    // A peer that has closed its side may read on, or be gone: then it gets the answer by the new connection alone, and
    // in the other case a copy does no harm.
    const isDoubtful = !flow.open || flow.peerEnded === true;
    if (flow.open) flow.send(bytes);
    if (isDoubtful) this.#late.send(this.request, flow, bytes);
  }

  /**
   * Answers. `headers` are whole rows, each with its line end. With a transaction the response is kept for
   * retransmissions of the request; without one it is just sent.
   */
  reply(status: number, headers = '', reasonPhrase = reasonPhrases[status] ?? 'Unknown'): void {
    const bytes = buildResponse(this.request, status, reasonPhrase, {
      toTag: this.toTag,
      received: this.received,
      rport: this.rport,
      headers,
    });
    if (bytes.length > mostDatagramBytes && !this.reliable && status !== 513)
      return this.reply(513, '', 'Response Too Large For UDP');
    if (this.transaction === undefined) this.send(bytes);
    else this.transaction.respond(status, bytes);
    this.#observe(this, status);
    if (this.span !== undefined && status >= 200) endTrace(this.span, status);
  }

  /** Passes the response of whoever the request was forwarded to on to its sender. */
  pass(status: number, bytes: Buffer): void {
    this.transaction?.respond(status, bytes);
    this.#observe(this, status);
    if (this.span === undefined || status < 200) return;
    endTrace(this.span, status);
    this.span = undefined;
  }
}
