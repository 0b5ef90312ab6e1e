import type { Metrics } from '@rollcall/runtime';
import { createTransportStats, type TransportName } from '@rollcall/transport';
import { createForwardingMetrics, exposeFlows } from './forwarding/forwarding-metrics.ts';
import { addHepMetrics } from './hep/hep-capture.ts';
import { createEdgeMetrics } from './metrics.ts';
import { createSubscriptionMetrics } from './reg-event/subscription-metrics.ts';
import { followHandshakes } from './tls-metrics.ts';
import { exposeTransactions } from './transaction-metrics.ts';
import { exposeTransportStats } from './transport-metrics.ts';
import { exposeUdpQueues } from './udp-queue.ts';

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const satisfies readonly TransportName[];

/** Registers everything that an edge shows, without an edge: for the reference. */
export function catalogueEdgeMetrics(metrics: Metrics): void {
  createEdgeMetrics(metrics, { nowMs: () => 0 }, transports);
  createForwardingMetrics(metrics, transports);
  exposeFlows(metrics, transports, () => 0);
  exposeTransportStats(
    metrics,
    new Map(transports.map((transport) => [transport, createTransportStats()])),
    1,
    [],
  );
  followHandshakes(metrics, ['tls', 'wss']);
  const none = { live: 0, liveInvites: 0, held: 0, clients: 0, clientInvites: 0 };
  exposeTransactions(metrics, 1, () => none);
  addHepMetrics(metrics);
  createSubscriptionMetrics(metrics);
  exposeUdpQueues(metrics, [{ host: '0.0.0.0', port: 5060 }]);
}
