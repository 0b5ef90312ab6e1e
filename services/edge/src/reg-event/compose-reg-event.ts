import type { RegistrarCalls } from '@rollcall/rpc';
import type { Clock, Metrics } from '@rollcall/runtime';
import { dnsRecords, type TransportName } from '@rollcall/transport';
import type { ChallengeLeases } from '../challenge-leases.ts';
import type { FirstChallenge } from '../first-challenge.ts';
import type { OutgoingFlows } from '../outgoing-flows.ts';
import type { OwnAddress } from '../own-address.ts';
import type { RequestSender } from '../request-sender.ts';
import { NotifySender } from './notify-sender.ts';
import { SubscribeRoute } from './subscribe-route.ts';
import { createSubscriptionMetrics } from './subscription-metrics.ts';
import { type SubscriptionLimits, SubscriptionTable } from './subscription-table.ts';

/** Watchers that have to subscribe anew are told so over this time, and then have a moment to take it. */
const endingMs = 1500;
const lastAnswersMs = 500;

/** The reg event package of an edge. */
export interface RegEvent {
  readonly route: SubscribeRoute;
  /** Ends all subscriptions; settles when their watchers have been told. */
  endAll(): Promise<void>;
  /** The longest that takes, in milliseconds. */
  readonly longestEndMs: number;
  /** Forgets all subscriptions. */
  close(): void;
}

/** Puts the parts of the package together. */
export function composeRegEvent(parts: {
  readonly config: SubscriptionLimits & { readonly name: string };
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly registrar: RegistrarCalls;
  readonly random: () => number;
  readonly sender: RequestSender;
  readonly outgoing: OutgoingFlows;
  readonly own: OwnAddress;
  readonly leases: ChallengeLeases;
  readonly first: FirstChallenge;
  readonly transports: readonly TransportName[];
}): RegEvent {
  const { config, clock, random, registrar, leases, first } = parts;
  const metrics = createSubscriptionMetrics(parts.metrics);
  const sender = new NotifySender({ ...parts, records: dnsRecords(), onOutcome: metrics.countNotify });
  const table = new SubscriptionTable({ registrar, sender, limits: config, clock, metrics, random });
  const wait = (delayMs: number) =>
    new Promise<void>((resolve) => {
      clock.after(delayMs, resolve);
    });
  return {
    route: new SubscribeRoute({ registrar, leases, first, table, sender, edgeName: config.name, random }),
    endAll: async () => {
      if (!table.endAll(endingMs)) return;
      await wait(endingMs + lastAnswersMs);
    },
    longestEndMs: endingMs + lastAnswersMs,
    close: () => table.close(),
  };
}
