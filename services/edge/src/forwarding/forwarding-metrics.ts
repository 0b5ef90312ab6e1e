import type { Metrics } from '@rollcall/runtime';
import type { TransportName } from '@rollcall/transport';
import { isKnownMethod, knownMethods } from '../methods.ts';

const methods = [...knownMethods, 'other'] as const;
const classes = ['1xx', '2xx', '3xx', '4xx', '5xx', '6xx'] as const;
const refusals = ['403', '430', '440', '480', '482', '483'] as const;

/** What is counted of requests that are forwarded along flows. */
export interface ForwardingMetrics {
  /** A request went on; `transport` is that which it left by. */
  forwarded(method: string, transport: TransportName): void;
  /** A response went back. */
  responseForwarded(status: number): void;
  /** A request that named a flow did not go on. */
  refused(status: number): void;
  /** AORs whose connection ended, and that nobody will be told of. */
  endsGivenUp(aors: number): void;
}

/** Shows how many connections lead to bindings, read at each scrape; a flow over UDP is no connection. */
export function exposeFlows(
  metrics: Metrics,
  transports: readonly TransportName[],
  count: (transport: TransportName) => number,
): void {
  const streams = transports.filter((transport) => transport !== 'udp');
  metrics.gauge({
    name: 'rollcall_flows',
    help: 'Connections that an AOR was registered by and that its calls go along; where one ends, so do its bindings.',
    labels: { transport: streams },
    collect: (gauge) => {
      for (const transport of streams) gauge.with({ transport }).set(count(transport));
    },
  });
}

/** Registers it. */
export function createForwardingMetrics(
  metrics: Metrics,
  transports: readonly TransportName[],
): ForwardingMetrics {
  const requests = metrics.counter({
    name: 'rollcall_sip_requests_forwarded_total',
    help: 'Requests forwarded along a flow, or to the edge that holds it, by the transport they left by.',
    labels: { method: methods, transport: transports },
    preCreate: false,
  });
  const responses = metrics.counter({
    name: 'rollcall_sip_responses_forwarded_total',
    help: 'Responses to forwarded requests that were passed on to their sender.',
    labels: { code_class: classes },
  });
  const refused = metrics.counter({
    name: 'rollcall_sip_forwarding_refused_total',
    help: 'Requests that named a flow and were not forwarded: 403 the token is none of ours, 430 the flow is gone, 480 a sips URI and a flow without TLS, 440, 482 a loop, 483 too many hops.',
    labels: { code: refusals },
  });
  const givenUp = metrics
    .counter({
      name: 'rollcall_sip_flow_ends_given_up_total',
      help: 'AORs whose connection has ended without the registrar being told: it was away too long, or they were too many. Their bindings expire.',
    })
    .with({});
  return {
    endsGivenUp: (aors) => givenUp.inc(aors),
    forwarded: (method, transport) =>
      requests.with({ method: isKnownMethod(method) ? method : 'other', transport }).inc(),
    responseForwarded: (status) =>
      responses.with({ code_class: `${Math.floor(status / 100)}xx` as (typeof classes)[number] }).inc(),
    refused: (status) => refused.with({ code: String(status) as (typeof refusals)[number] }).inc(),
  };
}
