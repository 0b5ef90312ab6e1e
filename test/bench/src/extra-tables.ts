import { fillTable, measureLookUps } from './grpc-load.ts';
import type { Generator } from './load/generator.ts';
import type { Plan } from './plan.ts';
import { table } from './report.ts';
import { measureSipp } from './sipp-load.ts';
import { spreadOf } from './statistics.ts';
import type { Contender } from './suite.ts';
import { readRedisBytes } from './targets/redis-server.ts';

/** A look-up of one AOR is a short thing: so many make a figure. */
const lookUps = 10_000;
const batchedLookUps = 100_000;

/** Look-ups by other services: Kamailio has nothing that compares. */
export async function tableOfGrpc(
  contenders: readonly Contender[],
  aors: number,
  rounds: number,
): Promise<string> {
  const rows: string[][] = [];
  for (const { target, running } of contenders) {
    if (running.locationApi === undefined) continue;
    for (const [how, count] of [
      ['Get', lookUps],
      ['BatchGet', batchedLookUps],
    ] as const) {
      const costs: { cpuUs: number; perSec: number }[] = [];
      for (let round = 0; round < rounds; round += 1)
        costs.push(await measureLookUps(running, how, aors, count));
      rows.push([
        target.name,
        how === 'Get' ? 'Get' : 'BatchGet of 100',
        spreadOf(costs.map(({ cpuUs }) => cpuUs)).median.toFixed(1),
        spreadOf(costs.map(({ perSec }) => perSec)).median.toFixed(0),
      ]);
    }
  }
  return `### Look-ups by gRPC\n\nOne client, which also shares the processors.\n\n${table(['', 'call', 'server µs for an AOR', 'AORs a second'], rows)}`;
}

/** First registrations by SIPp instead of our generator. */
export async function tableOfSipp(
  sipp: string,
  contenders: readonly Contender[],
  load: { readonly from: number; readonly count: number; readonly perSec: number; readonly folder: string },
): Promise<string> {
  const rows: string[][] = [];
  for (const { target, running } of contenders) {
    const { cpuUs, successful, failed, perSec } = await measureSipp(sipp, running, load);
    rows.push([target.name, cpuUs.toFixed(0), perSec.toFixed(0), `${successful} / ${failed}`]);
  }
  return (
    `### The same by SIPp\n\nFirst registrations over UDP, ${load.perSec}/s offered.\n\n` +
    table(['', 'server µs', 'per second', 'good / failed'], rows)
  );
}

/** What a look-up costs as the table grows, and what a binding takes in Redis. */
export async function tableOfSizes(contenders: readonly Contender[], plan: Plan): Promise<string> {
  const rows: string[][] = [];
  for (const { target, running } of contenders) {
    if (running.locationApi === undefined) continue;
    let filled = 0;
    for (const size of plan.tableSizes) {
      const before = await readRedisBytes(running.redisUrl);
      await fillTable(running, filled, size);
      const bytes = ((await readRedisBytes(running.redisUrl)) - before) / (size - filled);
      filled = size;
      const get = await measureLookUps(running, 'Get', size, lookUps);
      const batched = await measureLookUps(running, 'BatchGet', size, batchedLookUps);
      rows.push([
        target.name,
        String(size),
        get.cpuUs.toFixed(1),
        batched.cpuUs.toFixed(1),
        running.redisUrl === undefined ? '–' : bytes.toFixed(0),
      ]);
    }
  }
  return (
    '### As the table grows\n\nAORs with one binding and one live nonce each; look-ups spread over all of them.\n\n' +
    table(['', 'AORs', 'Get µs', 'BatchGet µs for an AOR', 'bytes of Redis for each new one'], rows)
  );
}

/** Everybody registers again after a restart, as fast as it goes. */
export async function tableOfRestarts(
  generator: Generator,
  contenders: readonly Contender[],
  phones: number,
): Promise<string> {
  const rows: string[][] = [];
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
      inFlight: 256,
    });
    rows.push([
      target.name,
      (readyMs / 1000).toFixed(1),
      (elapsedMs / 1000).toFixed(1),
      `${done} / ${failed}`,
    ]);
  }
  return (
    `### After a restart\n\n${phones} phones register again; the stop and the loading of all subscribers count as restart.\n\n` +
    table(['', 'restart s', 'all registered s', 'good / failed'], rows)
  );
}
