import { table } from './figures.ts';
import type { Sample } from './measure.ts';
import type { SizeRow } from './size-table.ts';
import { ratioOf, spreadOf } from './statistics.ts';
import type { Contender } from './suite.ts';

/** One line: what is asked, what came out, and whether that is within it. */
interface Budget {
  readonly what: string;
  readonly bound: string;
  readonly measured: string;
  readonly kept: boolean;
}

type Read = (sample: Sample) => number;

const cpuUs: Read = (sample) => sample.cpuUs;
const perSec: Read = (sample) => sample.perSec;
const longestMs = 20;
const mostBytes = 600;
/** Look-ups in the largest table cost what they cost in the smallest, give or take the noise. */
const flat = 1.1;

/** The budgets as a table; a line whose targets were not measured is left out. */
export function formatBudgets(contenders: readonly Contender[], sizes: readonly SizeRow[]): string {
  const find = (...words: string[]) =>
    contenders.find(({ target }) => words.every((word) => target.name.includes(word)));
  const five = find('five');
  const standalone = find('standalone');
  const memory = find('Kamailio', 'memory');
  const redis = find('Kamailio', 'Redis');
  const budgets = [
    ...atMost('CPU of a first registration, five processes and Redis', five, memory, 1, 'Kamailio in memory'),
    ...atMost('the same', five, redis, 0.25, 'Kamailio through to Redis'),
    ...atMost('the same, standalone', standalone, memory, 0.6, 'Kamailio in memory'),
    refreshBudget(five),
    rateBudget(five, memory, 1, 'Kamailio in memory'),
    rateBudget(five, redis, 3, 'Kamailio through to Redis'),
    latencyBudget(five),
    latencyBudget(standalone),
    ...sizeBudgets(sizes),
  ].filter((budget) => budget !== undefined);
  return table(
    ['', 'budget', 'measured', 'kept'],
    budgets.map(({ what, bound, measured, kept }) => [what, bound, measured, kept ? 'yes' : 'no']),
  );
}

function atMost(
  what: string,
  each: Contender | undefined,
  base: Contender | undefined,
  most: number,
  than: string,
): (Budget | undefined)[] {
  return (
    [
      ['register', 'at the offered rate'],
      ['saturation', 'at saturation'],
    ] as const
  ).map(([name, when]) => {
    const ratio = ratioBetween(each, base, name, cpuUs);
    return ratio === undefined
      ? undefined
      : {
          what: `${what}, ${when}`,
          bound: `≤ ${most} × ${than}`,
          measured: `× ${ratio.toFixed(2)}`,
          kept: ratio <= most,
        };
  });
}

function refreshBudget(five: Contender | undefined): Budget | undefined {
  const refreshes = valuesOf(five, 'refresh', cpuUs);
  const first = valuesOf(five, 'register', cpuUs);
  if (refreshes.length === 0 || first.length === 0) return undefined;
  const ratio = ratioOf(refreshes, first);
  return {
    what: 'CPU of a refresh, five processes and Redis',
    bound: '≤ 0.7 × its own first registration',
    measured: `× ${ratio.toFixed(2)}`,
    kept: ratio <= 0.7,
  };
}

function rateBudget(
  each: Contender | undefined,
  base: Contender | undefined,
  least: number,
  than: string,
): Budget | undefined {
  const ratio = ratioBetween(each, base, 'saturation', perSec);
  if (ratio === undefined) return undefined;
  return {
    what: 'saturation rate, five processes and Redis',
    bound: `≥ ${least} × ${than}`,
    measured: `× ${ratio.toFixed(2)}`,
    kept: ratio >= least,
  };
}

function latencyBudget(each: Contender | undefined): Budget | undefined {
  const values = valuesOf(each, 'half', ({ p99Ms }) => p99Ms);
  if (each === undefined || values.length === 0) return undefined;
  const { median } = spreadOf(values);
  return {
    what: `p99 of a registration at half of peak, ${each.target.name}`,
    bound: `< ${longestMs} ms`,
    measured: `${median.toFixed(1)} ms`,
    kept: median < longestMs,
  };
}

function sizeBudgets(sizes: readonly SizeRow[]): Budget[] {
  const budgets: Budget[] = [];
  const largest = sizes.filter(
    (row) => !sizes.some(({ target, aors }) => target === row.target && aors > row.aors),
  );
  for (const row of largest) {
    const first = sizes.find(({ target }) => target === row.target);
    const ratio = spreadOf(row.getUs).median / spreadOf(first?.getUs ?? []).median;
    budgets.push({
      what: `look-up of one AOR among ${row.aors}, ${row.target}`,
      bound: `≤ ${flat} × the same among ${first?.aors}`,
      measured: `× ${ratio.toFixed(2)}`,
      kept: ratio <= flat,
    });
    if (row.bytes === undefined) continue;
    budgets.push({
      what: `Redis memory for a binding, with ${row.aors}`,
      bound: `≤ ${mostBytes} bytes`,
      measured: row.bytes.toFixed(0),
      kept: row.bytes <= mostBytes,
    });
  }
  return budgets;
}

function ratioBetween(
  each: Contender | undefined,
  base: Contender | undefined,
  name: string,
  read: Read,
): number | undefined {
  const [values, others] = [valuesOf(each, name, read), valuesOf(base, name, read)];
  return values.length === 0 || others.length === 0 ? undefined : ratioOf(values, others);
}

function valuesOf(contender: Contender | undefined, name: string, read: Read): number[] {
  return (contender?.samples.get(name) ?? []).map(read);
}
