import { formatFigure, table } from './figures.ts';
import { fillTable, measureLookUps } from './grpc-load.ts';
import type { Plan } from './plan.ts';
import type { Contender } from './suite.ts';
import { readRedisBytes } from './targets/redis-server.ts';
import type { RunningTarget } from './targets/target.ts';

/** What a table of one size shows. */
export interface SizeRow {
  readonly target: string;
  readonly aors: number;
  /** Microseconds of all server processes, one figure for each round. */
  readonly getUs: readonly number[];
  readonly batchUs: readonly number[];
  /** Bytes of Redis for each AOR that was added since the row before; undefined without Redis. */
  readonly bytes: number | undefined;
}

const lookUps = 10_000;
const batchedLookUps = 50_000;

/** What a look-up costs as the table grows, and what a binding takes in Redis. */
export async function measureSizes(contenders: readonly Contender[], plan: Plan): Promise<SizeRow[]> {
  const rows: SizeRow[] = [];
  for (const { target, running } of contenders) {
    if (running.locationApi === undefined || running.startEmpty === undefined) continue;
    await running.startEmpty();
    let filled = 0;
    for (const aors of plan.tableSizes) {
      const before = await readRedisBytes(running.redisUrl);
      await fillTable(running, filled, aors);
      const bytes = ((await readRedisBytes(running.redisUrl)) - before) / (aors - filled);
      filled = aors;
      if (rows.at(-1)?.target !== target.name) await warmUp(running, aors);
      const getUs: number[] = [];
      const batchUs: number[] = [];
      for (let round = 0; round < plan.otherRounds; round += 1) {
        getUs.push((await measureLookUps(running, 'Get', aors, lookUps)).cpuUs);
        batchUs.push((await measureLookUps(running, 'BatchGet', aors, batchedLookUps)).cpuUs);
      }
      rows.push({
        target: target.name,
        aors,
        getUs,
        batchUs,
        bytes: running.redisUrl === undefined ? undefined : bytes,
      });
    }
  }
  return rows;
}

/** The program has just been started: the first table's look-ups must not pay for compiling. */
async function warmUp(running: RunningTarget, aors: number): Promise<void> {
  for (let round = 0; round < 2; round += 1) {
    await measureLookUps(running, 'Get', aors, lookUps);
    await measureLookUps(running, 'BatchGet', aors, batchedLookUps);
  }
}

/** The rows as a table; ratios to the same target's smallest table. */
export function tableOfSizes(rows: readonly SizeRow[]): string {
  return (
    '### As the table grows\n\nAORs with one binding and one live nonce each; look-ups spread over all of them. Ratios to the ' +
    "same target's smallest table.\n\n" +
    table(
      ['', 'AORs', 'Get µs', 'BatchGet µs for an AOR', 'bytes of Redis for each new one'],
      rows.map((row) => {
        const first = rows.find(({ target }) => target === row.target);
        return [
          row.target,
          String(row.aors),
          formatFigure(row.getUs, first?.getUs, 1),
          formatFigure(row.batchUs, first?.batchUs, 1),
          row.bytes === undefined ? '–' : row.bytes.toFixed(0),
        ];
      }),
    )
  );
}
