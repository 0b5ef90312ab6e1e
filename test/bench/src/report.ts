import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { formatBudgets } from './budgets.ts';
import { formatFigure, table } from './figures.ts';
import type { HeadRoom } from './head-room.ts';
import type { Sample } from './measure.ts';
import type { Plan } from './plan.ts';
import type { SizeRow } from './size-table.ts';
import { spreadOf } from './statistics.ts';
import type { Contender } from './suite.ts';

/** Figures beside the suite's. */
export interface Extras {
  readonly headRoom: HeadRoom;
  /** Whole tables, made where they were measured. */
  readonly tables: readonly string[];
  readonly sizes: readonly SizeRow[];
  readonly loadBefore: readonly number[];
}

const atRate = ['register', 'refresh', 'look-up', 'mixed', 'register over TCP'] as const;
const atPeak = ['saturation', 'saturation over TCP'] as const;

/** The section of docs/performance.md: machine, method and tables. */
export function formatReport(plan: Plan, contenders: readonly Contender[], extras: Extras): string {
  const base = contenders.find(({ target }) => target.peer);
  return [
    describeMachine(plan, extras),
    `### Budgets\n\nRatios of runs that followed each other. No test asserts them.\n\n${formatBudgets(contenders, extras.sizes)}`,
    `### Processor time at ${plan.perSec}/s\n\n` +
      'Microseconds of all server processes, Redis included, for one operation; median (least–most), ratio to Kamailio in ' +
      'memory. Who cannot keep up with the rate is measured at the one it reaches.\n\n' +
      table(
        ['', ...atRate],
        contenders.map((each) => [
          each.target.name,
          ...atRate.map((name) => cell(each, base, name, ({ cpuUs }) => cpuUs, 0)),
        ]),
      ),
    `### Where it goes: first registration over UDP\n\n${table(
      ['', 'µs by process'],
      contenders.map((each) => [each.target.name, describeProcesses(each)]),
    )}`,
    `### Saturation\n\nFirst registrations a second with 128 under way, and what each costs then.\n\n${table(
      ['', ...atPeak.flatMap((name) => [`${name}: per second`, 'µs'])],
      contenders.map((each) => [
        each.target.name,
        ...atPeak.flatMap((name) => [
          cell(each, base, name, ({ perSec }) => perSec, 0),
          cell(each, base, name, ({ cpuUs }) => cpuUs, 0),
        ]),
      ]),
    )}`,
    `### Time to register at half of its own saturation\n\n${table(
      ['', 'per second', 'p50 ms', 'p99 ms', 'p99.9 ms'],
      contenders.map((each) => [
        each.target.name,
        cell(each, undefined, 'half', ({ perSec }) => perSec, 0),
        cell(each, base, 'half', ({ p50Ms }) => p50Ms, 1),
        cell(each, base, 'half', ({ p99Ms }) => p99Ms, 1),
        cell(each, base, 'half', ({ p999Ms }) => p999Ms, 1),
      ]),
    )}`,
    `### Memory and what was stored\n\nAfter each run that registers, AORs stored are compared with AORs that have registered.\n\n${table(
      [
        '',
        'runs with as many stored as offered',
        'AORs at last, stored / offered',
        'failed',
        'memory (Pss), MB',
      ],
      contenders.map((each) => [
        each.target.name,
        `${each.checks.filter(({ stored, offered }) => stored === offered).length} of ${each.checks.length}`,
        `${each.checks.at(-1)?.stored} / ${each.checks.at(-1)?.offered}`,
        String(sumOf(each, ({ failed }) => failed)),
        describeMemory(each, base),
      ]),
    )}`,
    ...extras.tables,
  ].join('\n\n');
}

function describeMachine(plan: Plan, { headRoom, loadBefore }: Extras): string {
  const [first] = cpus();
  const memory = (totalmem() / 2 ** 30).toFixed(0);
  const { rounds, otherRounds, operations } = plan;
  return [
    `${plan.name === 'quick' ? '`npm run bench -- --quick`' : '`npm run bench`'} on ${new Date().toISOString().slice(0, 10)}: ` +
      `${cpus().length} × ${first?.model.trim()}, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, ` +
      `${versionOf('kamailio', ['-v'])}, ${versionOf('redis-server', ['-v'])}, ${versionOf('sipp', ['-v'])}. ` +
      `Load of the machine before: ${loadBefore.map((each) => each.toFixed(1)).join(', ')}; after: ${loadavg()
        .map((each) => each.toFixed(1))
        .join(', ')}. Generator and servers share its processors.`,
    ...((loadBefore[0] ?? 0) > cpus().length / 2
      ? ['**The machine had other work to do: absolute figures say little, and ratios are rough.**']
      : []),
    `${operations} operations a run, ${rounds} alternating rounds of first registrations, refreshes and saturation, ${otherRounds} of the rest.`,
    `The generator against a server that only answers: ${headRoom.perSec.toFixed(0)} registrations a second at ` +
      `${headRoom.generatorUs.toFixed(0)} µs of its own for each.`,
  ].join('\n\n');
}

function versionOf(program: string, args: string[]): string {
  try {
    const text = execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return `${program} ${/v?=? ?v?(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? '?'}`;
  } catch (error) {
    // SIPp says its version and exits with 99.
    const text = String((error as { stdout?: unknown }).stdout ?? '');
    return `${program} ${/v(\d+\.\d+\.\d+)/.exec(text)?.[1] ?? '?'}`;
  }
}

function describeProcesses({ samples }: Contender): string {
  const runs = samples.get('register') ?? [];
  const names = [...(runs[0]?.cpuUsOf.keys() ?? [])];
  return names
    .map((name) => `${name} ${spreadOf(runs.map(({ cpuUsOf }) => cpuUsOf.get(name) ?? 0)).median.toFixed(0)}`)
    .join(', ');
}

function cell(
  each: Contender,
  base: Contender | undefined,
  name: string,
  read: (sample: Sample) => number,
  digits: number,
): string {
  const valuesOf = (contender: Contender) => (contender.samples.get(name) ?? []).map(read);
  return formatFigure(valuesOf(each), base === undefined ? undefined : valuesOf(base), digits);
}

function describeMemory(each: Contender, base: Contender | undefined): string {
  const totalOf = ({ memory }: Contender) =>
    [...memory.values()].reduce((sum, bytes) => sum + bytes, 0) / 1e6;
  const total = formatFigure([totalOf(each)], base === undefined ? undefined : [totalOf(base)], 0);
  return `${total}: ${[...each.memory].map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(0)}`).join(', ')}`;
}

function sumOf({ samples }: Contender, read: (sample: Sample) => number): number {
  return [...samples.values()].flat().reduce((sum, sample) => sum + read(sample), 0);
}

/** Puts a section between its markers into a document; at its end where the markers are not there yet. */
export function replaceSection(document: string, name: string, text: string): string {
  const [open, close] = [`<!-- begin: ${name} -->`, `<!-- end: ${name} -->`];
  const section = `${open}\n\n${text}\n\n${close}`;
  const from = document.indexOf(open);
  const to = document.indexOf(close);
  if (from < 0 || to < from) return `${document.trimEnd()}\n\n${section}\n`;
  return document.slice(0, from) + section + document.slice(to + close.length);
}

/** Reads a document, or nothing where there is none. */
export function readDocument(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
