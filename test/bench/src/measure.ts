import type { Generator } from './load/generator.ts';
import { Latencies } from './load/latencies.ts';
import type { Order, Outcome } from './load/order.ts';
import { readCpuUs, readMemoryBytes } from './process-usage.ts';
import type { RunningTarget } from './targets/target.ts';

/** What one run showed. */
export interface Sample {
  readonly done: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly unexpected: Readonly<Record<string, number>>;
  /** Operations finished in a second. */
  readonly perSec: number;
  /** Processor time of all server processes for one operation, in microseconds. */
  readonly cpuUs: number;
  /** The same, by process. */
  readonly cpuUsOf: ReadonlyMap<string, number>;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** Processor time of the generator for one operation, in microseconds. */
  readonly generatorUs: number;
}

/** Puts an order to a target and accounts for what its processes used meanwhile. */
export async function measure(generator: Generator, target: RunningTarget, order: Order): Promise<Sample> {
  let outcome: Outcome | undefined;
  const used = await accountFor(target, async () => {
    outcome = await generator.run(order);
    return outcome.done;
  });
  if (outcome === undefined) throw new Error('no outcome');
  const latencies = new Latencies(outcome.latencies);
  return {
    done: outcome.done,
    failed: outcome.failed,
    retransmissions: outcome.retransmissions,
    unexpected: outcome.unexpected,
    perSec: (outcome.done / outcome.elapsedMs) * 1000,
    ...used,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    p999Ms: latencies.quantileMs(0.999),
    generatorUs: outcome.cpuUs / Math.max(1, outcome.done),
  };
}

/** Processor time for one operation, in all and by process, while `work` runs; it returns how many operations it did. */
export async function accountFor(
  target: RunningTarget,
  work: () => Promise<number>,
): Promise<{ cpuUs: number; cpuUsOf: Map<string, number> }> {
  const processes = [...target.processes()];
  const before = processes.map(([, pid]) => readCpuUs(pid));
  const done = Math.max(1, await work());
  const cpuUsOf = new Map(
    processes.map(([name, pid], index) => [name, (readCpuUs(pid) - (before[index] ?? 0)) / done]),
  );
  return { cpuUs: [...cpuUsOf.values()].reduce((sum, each) => sum + each, 0), cpuUsOf };
}

/** Memory of a target's processes, in bytes by process. */
export function memoryOf(target: RunningTarget): Map<string, number> {
  return new Map([...target.processes()].map(([name, pid]) => [name, readMemoryBytes(pid)]));
}
