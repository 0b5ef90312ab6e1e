import { callBuckets, type Metrics } from '@rollcall/runtime';
import { probeStepNames } from './probe.ts';
import { isGood, type ProbeRound } from './probe-round.ts';

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

/** What a canary exports. */
export interface ProbeMetrics {
  /** Counts one round. */
  count(round: ProbeRound): void;
}

/** Registers the metrics of `rollcall probe --loop`. Series of transports that are not probed do not exist. */
export function addProbeMetrics(metrics: Metrics): ProbeMetrics {
  const success = metrics.gauge({
    name: 'rollcall_probe_success',
    help: '1 where the step went well in the last round of the canary, 0 where it did not, or was not reached.',
    labels: { check: probeStepNames, transport: transports },
    preCreate: false,
  });
  const durations = metrics.histogram({
    name: 'rollcall_probe_duration_seconds',
    help: 'How long a step of the canary took, as a phone sees it.',
    labels: { check: probeStepNames, transport: transports },
    buckets: callBuckets,
    preCreate: false,
  });
  const rounds = metrics.counter({
    name: 'rollcall_probe_rounds_total',
    help: 'Rounds of the canary: registered, found, looked up and removed, or not.',
    labels: { transport: transports, outcome: ['good', 'bad'] },
    preCreate: false,
  });
  return {
    count(round) {
      const { transport } = round.way;
      const bad = isGood(round) ? 0 : 1;
      rounds.with({ transport, outcome: 'good' }).inc(1 - bad);
      rounds.with({ transport, outcome: 'bad' }).inc(bad);
      // A round without look-ups has no such series; one that ended early has failed them all.
      const reached = new Map(round.steps.map((step) => [step.name, step]));
      for (const check of probeStepNames) {
        const step = reached.get(check);
        if (step === undefined && (bad === 0 || check === 'lookup')) continue;
        success.with({ check, transport }).set(step?.problem === '' ? 1 : 0);
        if (step !== undefined) durations.with({ check, transport }).observe(step.tookMs / 1000);
      }
    },
  };
}
