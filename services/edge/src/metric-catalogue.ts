import type { Metrics } from '@rollcall/runtime';
import { createTransportStats, type TransportName } from '@rollcall/transport';
import { createForwardingMetrics } from './forwarding/forwarding-metrics.ts';
import { addHepMetrics } from './hep/hep-capture.ts';
import { createEdgeMetrics } from './metrics.ts';
import { createSubscriptionMetrics } from './reg-event/subscription-metrics.ts';
import { exposeTransactions } from './transaction-metrics.ts';
import { exposeTransportStats } from './transport-metrics.ts';
import { exposeUdpQueues } from './udp-queue.ts';

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const satisfies readonly TransportName[];

/** Registers everything that an edge shows, without an edge: for the reference. */
export function catalogueEdgeMetrics(metrics: Metrics): void {
  createEdgeMetrics(metrics, { nowMs: () => 0 }, transports);
  createForwardingMetrics(metrics, transports);
  exposeTransportStats(
    metrics,
    new Map(transports.map((transport) => [transport, createTransportStats()])),
    1,
  );
  exposeTransactions(metrics, () => ({ live: 0, liveInvites: 0, held: 0 }));
  addHepMetrics(metrics);
  createSubscriptionMetrics(metrics);
  exposeUdpQueues(metrics, [{ host: '0.0.0.0', port: 5060 }]);
}
