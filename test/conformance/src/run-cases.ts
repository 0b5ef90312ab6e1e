import { CaseTarget, SharedMeans } from './case-target.ts';
import type { ConformanceCase } from './conformance-case.ts';
import type { Product } from './product.ts';
import { Turnstile } from './turnstile.ts';

/** What came of one case. */
export interface CaseResult {
  readonly row: string;
  readonly title: string;
  /** Undefined where it passed. */
  readonly failure: string | undefined;
  readonly tookMs: number;
}

/** Quick cases at once: they wait for the product, which has two cores to give. */
const quickAtOnce = 8;
/** Slow cases at once: they wait for timers. */
const slowAtOnce = 24;
const quickTimeoutMs = 30_000;
/** Includes the wait for the lab. */
const slowTimeoutMs = 300_000;

/**
 * Runs cases against a product, several at a time, first the quick ones and then the slow: these measure times, which a
 * machine that has something else to do makes long. `onResult` is told of each as it ends. Results keep the cases' order.
 */
export async function runCases(
  cases: readonly ConformanceCase[],
  product: Product,
  onResult: (result: CaseResult) => void = () => undefined,
): Promise<CaseResult[]> {
  const shared = new SharedMeans();
  const results = new Map<ConformanceCase, CaseResult>();
  const runAll = async (some: readonly ConformanceCase[], atOnce: number) => {
    const turnstile = new Turnstile(atOnce);
    await Promise.all(
      some.map(async (each) => {
        const done = await turnstile.enter();
        try {
          const result = await runCase(each, product, shared);
          onResult(result);
          results.set(each, result);
        } finally {
          done();
        }
      }),
    );
  };
  try {
    await runAll(
      cases.filter(({ slow }) => slow !== true),
      quickAtOnce,
    );
    await runAll(
      cases.filter(({ slow }) => slow === true),
      slowAtOnce,
    );
    return cases.flatMap((each) => results.get(each) ?? []);
  } finally {
    await shared.stop();
  }
}

async function runCase(each: ConformanceCase, product: Product, shared: SharedMeans): Promise<CaseResult> {
  const startedAtMs = performance.now();
  const target = new CaseTarget(shared);
  let failure: string | undefined;
  try {
    const timeoutMs = each.timeoutMs ?? (each.slow === true ? slowTimeoutMs : quickTimeoutMs);
    await withTimeout(each.run(target.of(product)), timeoutMs);
  } catch (error) {
    failure = describeError(error);
  }
  try {
    await target.close();
  } catch (error) {
    failure ??= `cleaning up: ${describeError(error)}`;
  }
  const tookMs = Math.round(performance.now() - startedAtMs);
  return { row: each.row, title: each.title ?? '', failure, tookMs };
}

async function withTimeout(work: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // What goes on after its time fails by itself, and is of no more interest.
    work.catch(() => undefined);
  }
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'ConformanceFailure' || error.name === 'AgentTimeout') return error.message;
  return error.stack ?? error.message;
}
