import {
  addServiceMetrics,
  type ListenAddress,
  Metrics,
  readBuildVersion,
  startHttp,
} from '@rollcall/runtime';
import type { CliContext } from './cli-context.ts';
import { addProbeMetrics } from './probe-metrics.ts';
import { describeWay, isGood, type ProbeRound, type ProbeWay, showRound } from './probe-round.ts';
import type { Terminal } from './terminal.ts';

/** What a canary does. */
export interface ProbeLoop {
  readonly ways: readonly ProbeWay[];
  /** From the end of one round to the beginning of the next. */
  readonly pauseMs: number;
  /** Where /livez, /readyz and /metrics are served; undefined: nowhere. */
  readonly metricsListen: ListenAddress | undefined;
  probe(way: ProbeWay): Promise<ProbeRound>;
}

/** Probes round after round, each way in its turn, until it is told to stop; then the way under way is finished first. */
export async function runProbeLoop(loop: ProbeLoop, context: CliContext, terminal: Terminal): Promise<void> {
  const metrics = new Metrics();
  const counted = addProbeMetrics(metrics);
  const http = loop.metricsListen && (await serveMetrics(loop.metricsListen, metrics, context));
  const stopping = new AbortController();
  const stopped = context.untilStopped().then(() => stopping.abort());
  try {
    while (!stopping.signal.aborted) {
      for (const way of loop.ways) {
        const round = await loop.probe(way);
        counted.count(round);
        report(round, context, terminal);
        if (stopping.signal.aborted) break;
      }
      await pause(loop.pauseMs, stopped, context);
    }
  } finally {
    await http?.close();
    metrics.close();
  }
}

async function serveMetrics(listen: ListenAddress, metrics: Metrics, { clock }: CliContext) {
  const version = readBuildVersion();
  metrics.collectProcess();
  const serviceMetrics = addServiceMetrics(metrics, 'canary', version);
  return await startHttp({
    listen,
    checks: [],
    metrics,
    version,
    clock,
    serviceMetrics,
    variable: '--metrics',
  });
}

/** Waits, but not longer than until the stop. */
async function pause(pauseMs: number, stopped: Promise<void>, { clock }: CliContext): Promise<void> {
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const timer = clock.after(pauseMs, end);
  await Promise.race([over, stopped]);
  timer.cancel();
}

/** One line for each round: a log of a canary is read by people and by programs. */
function report(round: ProbeRound, { clock }: CliContext, terminal: Terminal): void {
  const time = new Date(clock.nowMs()).toISOString();
  const { messages: _messages, ...shown } = showRound(round);
  terminal.record({ time, ...shown });
  const steps = round.steps.map(({ name, tookMs, problem }) =>
    problem === '' ? `${name} ${tookMs} ms` : `${name}: ${terminal.mark(problem, 'bad')}`,
  );
  const verdict = isGood(round) ? terminal.mark('good', 'good') : terminal.mark('bad', 'bad');
  terminal.line(`${time} ${describeWay(round.way)} ${verdict}: ${steps.join(', ')}`);
}
