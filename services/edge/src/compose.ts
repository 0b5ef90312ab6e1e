import { randomBytes } from 'node:crypto';
import type { RedirectCalls, RegistrarCalls } from '@rollcall/rpc';
import type { Clock, Logger, Metrics, Tracing } from '@rollcall/runtime';
import { createTransportStats, FlowTable, type Listener } from '@rollcall/transport';
import { ChallengeLeases } from './challenge-leases.ts';
import type { EdgePolicyConfig } from './config.ts';
import { DateRow } from './date-row.ts';
import { drainEdge, longestDrainMs } from './drain.ts';
import { Edge, mostTransactions } from './edge.ts';
import { FirstChallenge } from './first-challenge.ts';
import { EdgeFlows } from './forwarding/edge-flows.ts';
import { EdgePath } from './forwarding/edge-path.ts';
import { EndedFlows } from './forwarding/ended-flows.ts';
import { FlowTimer } from './forwarding/flow-timer.ts';
import { FlowTokens } from './forwarding/flow-tokens.ts';
import { ForwardRoute } from './forwarding/forward-route.ts';
import { createForwardingMetrics, exposeFlows } from './forwarding/forwarding-metrics.ts';
import { openCapture } from './hep/open-capture.ts';
import { LateReplies } from './late-replies.ts';
import { createEdgeMetrics } from './metrics.ts';
import { OutgoingFlows } from './outgoing-flows.ts';
import { OwnAddress } from './own-address.ts';
import { RedirectRoute } from './redirect-route.ts';
import { composeRegEvent } from './reg-event/compose-reg-event.ts';
import { RegisterRoute } from './register-route.ts';
import { RequestSender } from './request-sender.ts';
import { openSipListeners, transportsOf } from './sip-listeners.ts';
import { exposeTransactions } from './transaction-metrics.ts';
import { exposeTransportStats } from './transport-metrics.ts';
import { exposeUdpQueues } from './udp-queue.ts';

/** What an edge is made of. */
export interface EdgeParts {
  readonly config: EdgePolicyConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Traces requests; undefined for none. */
  readonly tracing?: Tracing | undefined;
  readonly registrar: RegistrarCalls;
  readonly redirect: RedirectCalls;
  /** From 0 up to 1; Math.random unless a test wants to know better. */
  readonly random?: () => number;
}

/** An edge that runs. */
export interface RunningEdge {
  /** Where it listens, with real ports. */
  readonly listeners: readonly Listener[];
  /** Goes out of service as EDGE_DRAIN_… say; see {@link drainEdge}. */
  drain(): Promise<void>;
  /** The longest that takes, in milliseconds. */
  readonly longestDrainMs: number;
  close(): Promise<void>;
}

/**
 * Puts an edge together and opens its sockets.
 *
 * @throws ListenError where an address cannot be had; sockets opened before are closed
 */
export async function composeEdge(parts: EdgeParts): Promise<RunningEdge> {
  const { config, clock, logger, registrar, redirect } = parts;
  const random = parts.random ?? Math.random;
  const edgeName = config.name;
  const drainTimes = {
    acceptSec: config.drainAcceptSec,
    streamSec: config.drainStreamSec,
    udpSec: config.drainUdpSec,
  };
  const stats = new Map(transportsOf(config).map((transport) => [transport, createTransportStats()]));
  const metrics = createEdgeMetrics(parts.metrics, clock, [...stats.keys()]);
  const listeners: Listener[] = [];
  const flows = new FlowTable();
  const own = new OwnAddress(config.advertise, listeners);
  const tokens = new FlowTokens(flowSecrets(config.flowSecrets, logger));
  const ownFlows = new EdgeFlows({ tokens, own, edge: edgeName, listeners });
  const outgoing = new OutgoingFlows(listeners);
  const sender = new RequestSender({ clock, own, onEvent: metrics.clientTransactionEvent });
  const leases = new ChallengeLeases({ lease: registrar.leaseChallenges, clock });
  const first = new FirstChallenge(leases, random);
  const regEvent = composeRegEvent({
    ...parts,
    random,
    sender,
    outgoing,
    own,
    leases,
    first,
    transports: [...stats.keys()],
  });
  const forwardingMetrics = createForwardingMetrics(parts.metrics, [...stats.keys()]);
  const ended = new EndedFlows({
    endFlows: registrar.endFlows,
    edge: edgeName,
    clock,
    logger,
    onGivenUp: forwardingMetrics.endsGivenUp,
  });
  exposeFlows(parts.metrics, [...stats.keys()], (transport) => ended.flowCount(transport));
  const edge: Edge = new Edge({
    register: new RegisterRoute({
      registrar,
      leases,
      first,
      path: new EdgePath(ownFlows, config.path),
      flowTimer: new FlowTimer(config.flowTimerSec),
      ended,
      dateRow: new DateRow(clock),
      edgeName,
    }),
    redirect: new RedirectRoute({ redirect, edgeName }),
    subscribe: regEvent.route,
    forward: new ForwardRoute({
      tokens,
      edge: edgeName,
      ownFlows,
      flows,
      outgoing,
      sender,
      metrics: forwardingMetrics,
      clock,
      sipsWithoutTls: config.sipsWithoutTls,
      shed: (exchange) => edge.shed(exchange),
    }),
    ended,
    late: new LateReplies(outgoing),
    sender,
    outgoing,
    metrics,
    tracing: parts.tracing,
    clock,
    logger,
    random,
  });
  const capture = openCapture({ config, clock, metrics: parts.metrics, listeners });
  const opened = await openSipListeners({
    config,
    sink: capture === undefined ? edge : capture.around(edge),
    flows,
    stats,
    clock,
    logger,
    metrics: parts.metrics,
  });
  listeners.push(...opened.listeners);
  exposeTransportStats(parts.metrics, stats, config.maxConnections, listeners);
  exposeTransactions(parts.metrics, mostTransactions, () => edge.transactionCounts);
  const udpListeners = listeners.filter(({ transport }) => transport === 'udp');
  exposeUdpQueues(
    parts.metrics,
    udpListeners.map(({ address }) => address),
  );
  return {
    listeners,
    drain: () => drainEdge(listeners, drainTimes, clock, () => edge.pendingCount, regEvent.endAll),
    longestDrainMs: regEvent.longestEndMs + longestDrainMs(drainTimes),
    close: async () => {
      regEvent.close();
      edge.close();
      await opened.close();
      await ended.close();
      capture?.close();
    },
  };
}

/** Random ones do until the edge starts again, and as long as it is the only one. */
function flowSecrets(given: readonly string[], logger: Logger): readonly string[] {
  if (given.length > 0) return given;
  logger.warn(
    'EDGE_FLOW_SECRETS is not set: flow tokens end with this process, and no other edge can read them',
  );
  return [randomBytes(32).toString('base64url')];
}
