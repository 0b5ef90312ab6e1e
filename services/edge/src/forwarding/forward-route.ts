import { isIP } from 'node:net';
import { SipParseError } from '@rollcall/sip';
import { buildCancel } from '@rollcall/transaction';
import { dnsRecords, type Flow, type FlowTable, formatHostPort } from '@rollcall/transport';
import type { Exchange } from '../exchange.ts';
import type { OutgoingFlows } from '../outgoing-flows.ts';
import { newBranch, type RequestSender } from '../request-sender.ts';
import { type EdgeFlows, needsRecordRoute } from './edge-flows.ts';
import type { EdgeAddress, FlowTokens } from './flow-tokens.ts';
import { refuseToForward, writeForwarded } from './forwarded-request.ts';
import { Forwarding } from './forwarding.ts';
import type { ForwardingMetrics } from './forwarding-metrics.ts';
import { hasLooped, loopMarkOf } from './loop-mark.ts';
import { planRoute, type RoutePlan } from './route-plan.ts';

/** Larger requests do not go by UDP where there is a choice (RFC 3261 §18.1.1). */
const mostDatagramBytes = 1300;
/** What Via, Record-Route and their like add, about. */
const addedBytes = 500;
/** No shorter name part can hold a token. */
const leastTokenLength = 40;

/** What forwards. */
export interface ForwardRouteParts {
  readonly tokens: FlowTokens;
  /** EDGE_NAME. */
  readonly edge: string;
  readonly ownFlows: EdgeFlows;
  readonly flows: Pick<FlowTable, 'find'>;
  readonly outgoing: Pick<OutgoingFlows, 'reach'>;
  readonly sender: RequestSender;
  readonly metrics: ForwardingMetrics;
  readonly clock: { after(delayMs: number, run: () => void): { cancel(): void } };
  /** What becomes of a request for a sips URI along a flow without TLS. */
  readonly sipsWithoutTls: 'reject' | 'accept';
  /** Answers a request for which there is no room. */
  readonly shed: (exchange: Exchange) => void;
}

/** A request that goes on: where it goes, and by which flow. */
type Onward = Extract<RoutePlan, { kind: 'flow' | 'edge' }>;

/**
 * The edge as a proxy (RFC 3261 §16, RFC 5626 §5.3): requests that name a flow by a token of ours go along it, and nothing
 * else goes anywhere. Transaction-stateful, without forking.
 */
export class ForwardRoute {
  readonly #parts: ForwardRouteParts;
  readonly #records = dnsRecords();

  constructor(parts: ForwardRouteParts) {
    this.#parts = parts;
  }

  /** Where a request goes on to; undefined where it is to be answered here. */
  plan({ request, flow }: Exchange): RoutePlan | undefined {
    if (request.row('route') === undefined && request.requestUri.indexOf('@') < leastTokenLength)
      return undefined;
    const { tokens, edge } = this.#parts;
    try {
      const plan = planRoute(request, {
        tokens,
        edge,
        isOwn: this.#parts.ownFlows.recogniser(flow),
      });
      if (plan.kind === 'answer') return undefined;
      // An "outgoing" request (RFC 5626 §5.3): the phone shows by which flow it came, and is answered like any other.
      const isOutgoing =
        plan.kind === 'flow' && plan.flow.callId === undefined && plan.flow.flowToken === flow.flowToken;
      return isOutgoing ? undefined : plan;
    } catch (error) {
      // Whoever we answer ourselves need not know how Route is written.
      if (error instanceof SipParseError) return undefined;
      throw error;
    }
  }

  /** Forwards a request in its transaction, or says why not. */
  async answer(exchange: Exchange, plan: RoutePlan): Promise<void> {
    const { metrics } = this.#parts;
    const onward = this.#judge(exchange, plan);
    if (typeof onward === 'number') return this.#refuse(exchange, onward);
    const flow = await this.#wayOf(exchange, onward);
    if (flow === undefined) return this.#refuse(exchange, 430);
    if (this.#isDowngrade(onward, flow)) return this.#refuseDowngrade(exchange);
    const mark = this.#markOf(exchange, onward);
    if (hasLooped(exchange.request, mark)) return this.#refuse(exchange, 482);
    // It was cancelled while the way was looked for.
    const state = exchange.transaction?.state;
    if (state !== 'trying' && state !== 'proceeding') return;
    metrics.forwarded(exchange.request.method, flow.transport);
    this.#send(exchange, onward, flow, newBranch(mark));
  }

  /** An ACK of a 2xx goes on without a transaction, and is never answered (RFC 3261 §16.11). */
  async ack(exchange: Exchange, plan: RoutePlan): Promise<void> {
    const onward = this.#judge(exchange, plan);
    const flow = typeof onward === 'number' ? undefined : await this.#wayOf(exchange, onward);
    if (typeof onward === 'number' || flow === undefined) return;
    const mark = this.#markOf(exchange, onward);
    if (hasLooped(exchange.request, mark)) return;
    this.#parts.metrics.forwarded('ACK', flow.transport);
    flow.send(this.#write(exchange, onward, flow, this.#parts.sender.viaRow(flow, newBranch(mark))));
  }

  #judge({ request }: Exchange, plan: RoutePlan): Onward | number {
    if (plan.kind === 'forbidden' || plan.kind === 'answer') return 403;
    return refuseToForward(request) ?? plan;
  }

  #refuse(exchange: Exchange, status: number, rows = ''): void {
    this.#parts.metrics.refused(status);
    exchange.reply(status, rows);
  }

  /** Who calls a sips URI is promised TLS on the last hop too (RFC 5630 §5.3); hops between edges are inside. */
  #isDowngrade({ kind, requestUri }: Onward, { transport }: Flow): boolean {
    const isSecure = transport === 'tls' || transport === 'wss';
    return (
      kind === 'flow' && !isSecure && this.#parts.sipsWithoutTls === 'reject' && /^sips:/i.test(requestUri)
    );
  }

  #refuseDowngrade(exchange: Exchange): void {
    const agent = formatHostPort(this.#parts.ownFlows.addressFor(exchange.flow));
    this.#refuse(exchange, 480, `Warning: 380 ${agent} "SIPS Not Allowed"\r\n`);
  }

  #markOf({ request }: Exchange, { flow, requestUri, route }: Onward): string {
    return loopMarkOf(request, { edge: this.#parts.edge, flowToken: flow.flowToken, requestUri, route });
  }

  /** The flow that is named, or one to the edge that holds it; undefined where it is gone. */
  async #wayOf({ request, flow: from }: Exchange, { kind, flow }: Onward): Promise<Flow | undefined> {
    if (kind === 'flow') {
      const found = this.#parts.flows.find(flow.flowToken);
      return found?.open === true ? found : undefined;
    }
    const own = this.#parts.ownFlows.addressFor(from);
    // An edge that had our address before us.
    if (own.host === flow.address.host && own.port === flow.address.port) return undefined;
    return this.#reach(flow.address, request.parts.bytes.length + addedBytes > mostDatagramBytes);
  }

  async #reach({ host, port, udp }: EdgeAddress, isLarge: boolean): Promise<Flow | undefined> {
    const { outgoing } = this.#parts;
    const address = isIP(host) === 0 ? (await this.#records.addresses(host))[0] : host;
    if (address === undefined) return undefined;
    const remote = { host: address, port };
    for (const transport of isLarge || !udp ? (['tcp', 'udp'] as const) : (['udp', 'tcp'] as const)) {
      const flow = await outgoing.reach(transport, remote);
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  #send(exchange: Exchange, onward: Onward, flow: Flow, branch: string): void {
    const { sender, clock, metrics, shed } = this.#parts;
    const { method } = exchange.request;
    const bytes = this.#write(exchange, onward, flow, sender.viaRow(flow, branch));
    const forwarding = new Forwarding({
      exchange,
      clock,
      sendCancel: () => {
        sender.send({ method: 'CANCEL', branch, write: () => buildCancel(bytes) }, flow, unheard);
      },
      onForwarded: metrics.responseForwarded,
    });
    exchange.forwarding = forwarding;
    const transaction = sender.send({ method, branch, write: () => bytes }, flow, forwarding);
    if (transaction !== undefined) return forwarding.begin(transaction);
    forwarding.end();
    shed(exchange);
  }

  #write(exchange: Exchange, { requestUri, route }: Onward, flow: Flow, viaRow: string): Buffer {
    const { request, received, rport } = exchange;
    const recordRoute = needsRecordRoute(request.method, request.to.tag)
      ? this.#parts.ownFlows.recordRouteOf(request.callId, exchange.flow, flow, /^sips:/i.test(requestUri))
      : [];
    return writeForwarded(request, { requestUri, route, recordRoute, received, rport }, viaRow);
  }
}

/** The answer to a CANCEL says nothing: the INVITE has its own (RFC 3261 §9.1). */
const unheard = { onResponse: () => undefined, onFailure: () => undefined };
