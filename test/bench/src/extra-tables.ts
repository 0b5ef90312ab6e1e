import { formatFigure, table } from './figures.ts';
import { measureLookUps } from './grpc-load.ts';
import type { Generator } from './load/generator.ts';
import type { Plan } from './plan.ts';
import { measureSipp, type SippCost } from './sipp-load.ts';
import type { Contender } from './suite.ts';

/** A look-up of one AOR is a short thing: so many make a figure. */
const lookUps = 10_000;
const batchedLookUps = 100_000;
const restartInFlight = 256;

/** Runs something for each contender in turn, the order turned round each time; results by contender. */
async function alternate<Result>(
  contenders: readonly Contender[],
  rounds: number,
  run: (contender: Contender) => Promise<Result>,
): Promise<Map<Contender, Result[]>> {
  const results = new Map<Contender, Result[]>(contenders.map((each) => [each, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed())
      results.get(contender)?.push(await run(contender));
  }
  return results;
}

/** Look-ups by other services; beside them what an INVITE costs Kamailio, which has no such interface. */
export async function tableOfGrpc(contenders: readonly Contender[], plan: Plan): Promise<string> {
  const served = contenders.filter(({ running }) => running.locationApi !== undefined);
  const peer = contenders.find(({ target }) => target.peer);
  const invites = peer?.samples.get('look-up')?.map(({ cpuUs }) => cpuUs);
  const rows: string[][] = [];
  for (const [how, count] of [
    ['Get', lookUps],
    ['BatchGet', batchedLookUps],
  ] as const) {
    const costs = await alternate(served, plan.otherRounds, ({ running }) =>
      measureLookUps(running, how, plan.warmUp, count),
    );
    for (const [{ target }, runs] of costs) {
      rows.push([
        target.name,
        how === 'Get' ? 'Get' : 'BatchGet of 100',
        formatFigure(
          runs.map(({ cpuUs }) => cpuUs),
          invites,
          1,
        ),
        formatFigure(
          runs.map(({ perSec }) => perSec),
          undefined,
          0,
        ),
      ]);
    }
  }
  return (
    '### Look-ups by gRPC\n\nOne client, which also shares the processors. Kamailio has no such interface: the ratio is to what ' +
    `its INVITE → 302 costs.\n\n${table(['', 'call', 'server µs for an AOR', 'AORs a second'], rows)}`
  );
}

/** First registrations by SIPp instead of our generator. */
export async function tableOfSipp(
  sipp: string,
  contenders: readonly Contender[],
  plan: Plan,
  folder: string,
): Promise<string> {
  const load = { from: 0, count: plan.sippCalls, perSec: plan.sippPerSec, folder };
  const costs = await alternate(contenders, plan.otherRounds, ({ running }) =>
    measureSipp(sipp, running, load),
  );
  const peer = contenders.find(({ target }) => target.peer);
  const base = peer === undefined ? undefined : costs.get(peer);
  const figure = (runs: readonly SippCost[], read: (cost: SippCost) => number) =>
    formatFigure(runs.map(read), base?.map(read), 0);
  const sum = (runs: readonly SippCost[], read: (cost: SippCost) => number) =>
    runs.reduce((total, cost) => total + read(cost), 0);
  const rows = [...costs].map(([{ target }, runs]) => [
    target.name,
    figure(runs, ({ cpuUs }) => cpuUs),
    figure(runs, ({ perSec }) => perSec),
    `${sum(runs, ({ successful }) => successful)} / ${sum(runs, ({ failed }) => failed)}`,
  ]);
  return (
    `### The same by SIPp\n\nFirst registrations over UDP, ${load.perSec}/s offered.\n\n` +
    table(['', 'server µs', 'per second', 'good / failed'], rows)
  );
}

/** Everybody registers again after a restart, as fast as it goes. */
export async function tableOfRestarts(
  generator: Generator,
  contenders: readonly Contender[],
  phones: number,
): Promise<string> {
  const runs: { name: string; readySec: number; registeredSec: number; outcome: string }[] = [];
  for (const { target, running } of contenders) {
    const startedAtMs = performance.now();
    await running.restart();
    const readyMs = performance.now() - startedAtMs;
    const { done, failed, elapsedMs } = await generator.run({
      scenario: 'register',
      transport: 'udp',
      server: running.sip,
      from: 0,
      count: phones,
      perSec: undefined,
      inFlight: restartInFlight,
    });
    const outcome = `${done} / ${failed}, ${await running.storedAors()} stored`;
    runs.push({ name: target.name, readySec: readyMs / 1000, registeredSec: elapsedMs / 1000, outcome });
  }
  const [first] = runs;
  const figure = (seconds: number, base: number | undefined) =>
    formatFigure([seconds], base === undefined ? undefined : [base], 1);
  const rows = runs.map(({ name, readySec, registeredSec, outcome }) => [
    name,
    figure(readySec, first?.readySec),
    figure(registeredSec, first?.registeredSec),
    outcome,
  ]);
  return (
    `### After a restart\n\n${phones} phones register again; the stop and the loading of all subscribers count as restart. ` +
    `One run each, ratios to the first line.\n\n${table(['', 'restart s', 'all registered s', 'good / failed'], rows)}`
  );
}
