import { performance } from 'node:perf_hooks';
import type { GaugeSeries } from './gauge.ts';
import type { HistogramSeries } from './histogram.ts';

const sampleEveryMs = 100;
const samplesPerUtilization = 10;
/** Upper bounds in seconds. */
export const eventLoopBuckets: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,
];

/** The running measurement of the event loop. */
export interface EventLoopWatch {
  close(): void;
}

/**
 * Measures how late timers fire and how busy the loop is. prom-client's own gauges are reset by each scrape, so two
 * Prometheus servers would take each other's samples; a cumulative histogram serves any number of them.
 */
export function watchEventLoop(delay: HistogramSeries, utilization: GaugeSeries): EventLoopWatch {
  let expectedAtMs = performance.now() + sampleEveryMs;
  let previous = performance.eventLoopUtilization();
  let samples = 0;
  const timer = setInterval(() => {
    const nowMs = performance.now();
    delay.observe(Math.max(0, nowMs - expectedAtMs) / 1000);
    expectedAtMs = nowMs + sampleEveryMs;
    samples += 1;
    if (samples % samplesPerUtilization !== 0) return;
    const current = performance.eventLoopUtilization();
    utilization.set(performance.eventLoopUtilization(current, previous).utilization);
    previous = current;
  }, sampleEveryMs);
  timer.unref();
  return { close: () => clearInterval(timer) };
}
