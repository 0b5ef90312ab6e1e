import type { Generator } from './load/generator.ts';
import type { LoadTransport, Order, Scenario } from './load/order.ts';
import { measure, memoryOf, type Sample } from './measure.ts';
import type { Plan } from './plan.ts';
import { spreadOf } from './statistics.ts';
import type { RunningTarget, Target } from './targets/target.ts';

/** A target with what was measured of it. */
export interface Contender {
  readonly target: Target;
  readonly running: RunningTarget;
  /** Samples by the name of what was run, one for each round. */
  readonly samples: Map<string, Sample[]>;
  memory: ReadonlyMap<string, number>;
  /** What was stored after each run that registers. */
  readonly checks: StoredCheck[];
}

/** AORs with a binding after a run, and AORs that had registered until then. */
export interface StoredCheck {
  readonly run: string;
  readonly stored: number;
  readonly offered: number;
}

/** A rate that nothing here reaches leaves this many operations under way: then it is the target that sets the pace. */
const mostInFlight = 500;
/** Operations under way when each end begins the next. */
const saturating = 128;
const storedWithinMs = 3000;
const storedPollMs = 100;

/** Runs every scenario, the targets in turn, so that each round of each sees the same machine. */
export class Suite {
  readonly #contenders: readonly Contender[];
  readonly #generator: Generator;
  readonly #plan: Plan;
  readonly #report: (line: string) => void;

  constructor(parts: {
    contenders: readonly Contender[];
    generator: Generator;
    plan: Plan;
    report: (line: string) => void;
  }) {
    this.#contenders = parts.contenders;
    this.#generator = parts.generator;
    this.#plan = parts.plan;
    this.#report = parts.report;
  }

  async run(): Promise<void> {
    const { rounds, otherRounds, perSec } = this.#plan;
    await this.#warmUp();
    for (let round = 0; round < rounds; round += 1) {
      const from = this.#rangeOf(round);
      const offered = { perSec, from, transport: 'udp' } as const;
      await this.#each('register', round, { ...offered, scenario: 'register' });
      await this.#each('refresh', round, { ...offered, scenario: 'refresh' });
      await this.#each('saturation', round, { ...offered, scenario: 'register', perSec: undefined });
      if (round >= otherRounds) continue;
      await this.#each('look-up', round, { ...offered, scenario: 'look-up' });
      await this.#each('mixed', round, { ...offered, scenario: 'mixed' });
      const tcp = { ...offered, transport: 'tcp' } as const;
      await this.#each('register over TCP', round, { ...tcp, scenario: 'register' });
      await this.#each('saturation over TCP', round, { ...tcp, scenario: 'register', perSec: undefined });
      await this.#each('half', round, { ...offered, scenario: 'register' }, halfOfPeak);
    }
    for (const contender of this.#contenders) contender.memory = memoryOf(contender.running);
  }

  /** Code that has run often is compiled, pools are filled, connections are open. */
  async #warmUp(): Promise<void> {
    for (const { target, running } of this.#contenders) {
      this.#report(`warming up: ${target.name}`);
      for (const scenario of ['register', 'refresh', 'look-up'] as const) {
        const order = this.#order(running, {
          scenario,
          from: 0,
          perSec: this.#plan.perSec,
          transport: 'udp',
        });
        await this.#generator.run({ ...order, count: this.#plan.warmUp });
      }
    }
  }

  /** Phones of a round: others than those before, as long as there are any. */
  #rangeOf(round: number): number {
    const { users, operations, warmUp } = this.#plan;
    const room = Math.max(1, Math.floor((users - warmUp) / operations));
    return warmUp + (round % room) * operations;
  }

  async #each(
    name: string,
    round: number,
    what: {
      scenario: Scenario;
      transport: LoadTransport;
      from: number;
      perSec: number | undefined;
    },
    rateOf?: (contender: Contender) => number,
  ): Promise<void> {
    const turns = round % 2 === 0 ? this.#contenders : this.#contenders.toReversed();
    for (const contender of turns) {
      const perSec = rateOf === undefined ? what.perSec : rateOf(contender);
      const order = this.#order(contender.running, { ...what, perSec });
      const sample = await measure(this.#generator, contender.running, order);
      const samples = contender.samples.get(name) ?? [];
      samples.push(sample);
      contender.samples.set(name, samples);
      this.#report(describe(name, round, contender, sample));
      if (order.scenario === 'register') await this.#check(contender, `${name} ${round + 1}`, order);
    }
  }

  /** Phones register from the first on, so the last of a run tells how many have: each must be in the table. */
  async #check({ target, running, checks }: Contender, run: string, { from, count }: Order): Promise<void> {
    const offered = Math.max(from + count, checks.at(-1)?.offered ?? 0);
    const stored = await untilStored(running, offered);
    checks.push({ run, stored, offered });
    if (stored !== offered)
      this.#report(`${target.name}: ${stored} AORs are stored, ${offered} have registered`);
  }

  #order(running: RunningTarget, what: Pick<Order, 'scenario' | 'transport' | 'from' | 'perSec'>): Order {
    return {
      ...what,
      server: running.sip,
      count: Math.min(this.#plan.operations, this.#plan.users - what.from),
      inFlight: what.perSec === undefined ? saturating : mostInFlight,
    };
  }
}

/** Gauges are set every second, and what was retransmitted last may still be on its way. */
async function untilStored(running: RunningTarget, offered: number): Promise<number> {
  const lastAtMs = performance.now() + storedWithinMs;
  for (;;) {
    const stored = await running.storedAors();
    if (stored === offered || performance.now() > lastAtMs) return stored;
    await new Promise((resolve) => setTimeout(resolve, storedPollMs));
  }
}

function halfOfPeak({ samples }: Contender): number {
  return spreadOf((samples.get('saturation') ?? []).map(({ perSec }) => perSec)).median / 2;
}

function describe(name: string, round: number, { target }: Contender, sample: Sample): string {
  const { cpuUs, perSec, p50Ms, p99Ms, failed, retransmissions, unexpected } = sample;
  const trouble =
    failed + retransmissions > 0 || Object.keys(unexpected).length > 0
      ? `, failed ${failed}, sent again ${retransmissions} ${JSON.stringify(unexpected)}`
      : '';
  return (
    `${name} ${round + 1}, ${target.name}: ${cpuUs.toFixed(0)} µs, ${perSec.toFixed(0)}/s, ` +
    `p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms${trouble}`
  );
}
