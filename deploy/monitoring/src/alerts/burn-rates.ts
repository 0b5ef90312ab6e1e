import {
  lookupAvailability,
  lookupLatency,
  type Objective,
  ratioOf,
  registerAvailability,
  registerLatency,
  type Window,
} from '../objectives.ts';
import type { Alert, RuleGroup, Scenario, Severity } from '../rule.ts';

/** A pair of windows, and how many times too fast the budget burns: it would last 30 days divided by the factor. */
interface Burn {
  readonly factor: number;
  readonly long: Window;
  readonly short: Window;
  readonly for: string;
  readonly severity: Severity;
}

const burns: readonly Burn[] = [
  { factor: 14.4, long: '1h', short: '5m', for: '2m', severity: 'critical' },
  { factor: 6, long: '6h', short: '30m', for: '15m', severity: 'critical' },
  { factor: 3, long: '1d', short: '2h', for: '1h', severity: 'warning' },
  { factor: 1, long: '3d', short: '6h', for: '3h', severity: 'warning' },
];

/** Below this many a second one failure would be a large part of all. */
const leastPerSecond = 1;

interface Promise30d {
  readonly name: string;
  readonly objective: Objective;
  readonly rate: string;
  readonly summary: string;
  readonly meaning: string;
}

const promises: readonly Promise30d[] = [
  {
    name: 'SipRegisterErrorBudgetBurn',
    objective: registerAvailability,
    rate: 'cluster_namespace:rollcall_register:rate5m',
    summary: 'REGISTER is answered with 5xx too often',
    meaning:
      'of REGISTER requests are answered with 5xx or 6xx; phones that get one try again later, and are unreachable if their binding ends first',
  },
  {
    name: 'SipRegisterLatencyBudgetBurn',
    objective: registerLatency,
    rate: 'cluster_namespace:rollcall_register:rate5m',
    summary: 'REGISTER is answered too slowly',
    meaning:
      'of REGISTER requests take longer than 250 ms; beyond 500 ms every phone on UDP sends its request again, which doubles the load',
  },
  {
    name: 'SipLookupErrorBudgetBurn',
    objective: lookupAvailability,
    rate: 'cluster_namespace:rollcall_lookup:rate5m',
    summary: 'look-ups by other services fail too often',
    meaning: 'of look-ups end with a fault of ours; calls to registered users fail while they do',
  },
  {
    name: 'SipLookupLatencyBudgetBurn',
    objective: lookupLatency,
    rate: 'cluster_namespace:rollcall_lookup:rate5m',
    summary: 'look-ups by other services are answered too slowly',
    meaning: 'of look-ups take longer than 50 ms; every call set up through them waits that long',
  },
];

/** When each has held for its time. */
const heldAt: Readonly<Record<Burn['for'], string>> = { '2m': '5m', '15m': '20m', '1h': '70m', '3h': '190m' };

function toAlert(promise: Promise30d, burn: Burn): Alert {
  const { objective, rate } = promise;
  const { factor, long, short } = burn;
  const threshold = Number((factor * objective.budget).toPrecision(6));
  // Played to the recorded ratios: raw counters of three days would take minutes. tests/recording.yaml proves the ratios.
  const scenario = (burning: number): Scenario => ({
    series: {
      [`${ratioOf(objective, long)}{namespace="voice"}`]: `${burning}x200`,
      [`${ratioOf(objective, short)}{namespace="voice"}`]: `${threshold * 2}x200`,
      [`${rate}{namespace="voice"}`]: '100x200',
    },
    at: heldAt[burn.for] ?? '200m',
  });
  return {
    name: promise.name,
    severity: burn.severity,
    expr: [
      `${ratioOf(objective, long)} > ${threshold}`,
      `and on (cluster, namespace) ${ratioOf(objective, short)} > ${threshold}`,
      `and on (cluster, namespace) ${rate} > ${leastPerSecond}`,
    ].join('\n'),
    for: burn.for,
    labels: { long_window: long, short_window: short },
    summary: `Rollcall {{ $labels.namespace }}: ${promise.summary} (budget burns ${factor} times too fast)`,
    description: `In the last ${long}, {{ $value | humanizePercentage }} ${promise.meaning}. The objective allows ${objective.budget * 100} % in 30 days.`,
    fires: scenario(threshold * 2),
    silent: scenario(threshold / 2),
  };
}

/** Each objective at four speeds: fast ones wake somebody up, slow ones are a ticket. */
export const burnRateAlerts: RuleGroup = {
  name: 'rollcall-burn-rates',
  playedToRecords: true,
  alerts: promises.flatMap((promise) => burns.map((burn) => toAlert(promise, burn))),
};
