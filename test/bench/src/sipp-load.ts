import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort } from '@rollcall/testkit';
import { domain, passwordOf, userOf } from './fleet.ts';
import { accountFor } from './measure.ts';
import type { RunningTarget } from './targets/target.ts';

/** What SIPp's load cost the server; SIPp's own counts. */
export interface SippCost {
  readonly cpuUs: number;
  readonly successful: number;
  readonly failed: number;
  readonly perSec: number;
}

const scenario = fileURLToPath(new URL('../../e2e/sipp/register.xml', import.meta.url));

/** First registrations by SIPp, a generator that nobody here wrote, over UDP. */
export async function measureSipp(
  sipp: string,
  target: RunningTarget,
  load: { readonly from: number; readonly count: number; readonly perSec: number; readonly folder: string },
): Promise<SippCost> {
  const injection = join(load.folder, 'sipp.csv');
  const statistics = join(load.folder, 'sipp-statistics.csv');
  const rows = Array.from({ length: load.count }, (_, index) => {
    const user = userOf(load.from + index);
    return `${user};[authentication username=${user} password=${passwordOf(user)}];${20_000 + (index % 40_000)}`;
  });
  await writeFile(injection, `SEQUENTIAL\n${rows.join('\n')}\n`);
  const args = [
    `${target.sip.host}:${target.sip.port}`,
    ...['-sf', scenario, '-inf', injection, '-m', String(load.count), '-r', String(load.perSec)],
    ...['-t', 'u1', '-i', '127.0.0.1', '-p', String(await findFreePort()), '-auth_uri', domain],
    ...['-key', 'domain', domain, '-key', 'expires', '3600', '-l', '2000', '-nostdin', '-skip_rlimit'],
    ...['-timeout', '120', '-trace_stat', '-stf', statistics, '-default_behaviors', 'all,-bye'],
  ];
  const startedAtMs = performance.now();
  const { cpuUs } = await accountFor(target, async () => {
    const child = spawn(sipp, args, { cwd: load.folder, stdio: 'ignore' });
    await once(child, 'close');
    return load.count;
  });
  const elapsedMs = performance.now() - startedAtMs;
  const [names = '', ...lines] = (await readFile(statistics, 'latin1')).trim().split('\n');
  const last = lines.at(-1)?.split(';') ?? [];
  const count = (name: string) => Number(last[names.split(';').indexOf(name)] ?? Number.NaN);
  return {
    cpuUs,
    successful: count('SuccessfulCall(C)'),
    failed: count('FailedCall(C)'),
    perSec: (load.count / elapsedMs) * 1000,
  };
}
