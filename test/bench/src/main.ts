/**
 * `npm run bench`: Rollcall beside Kamailio on this machine. `-- --quick` takes less than five minutes; the whole
 * some 25. `-- --only=name,…` measures the targets whose names hold one of the words. Prints the tables and, unless some
 * targets were left out, writes them into docs/performance.md.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readScriptOptions } from '@rollcall/testkit';
import { tableOfGrpc, tableOfRestarts, tableOfSipp } from './extra-tables.ts';
import { measureHeadRoom } from './head-room.ts';
import { installTools } from './install-tools.ts';
import { Generator } from './load/generator.ts';
import { fullPlan, quickPlan } from './plan.ts';
import { formatReport, readDocument, replaceSection } from './report.ts';
import { measureSizes, tableOfSizes } from './size-table.ts';
import { type Contender, Suite } from './suite.ts';
import { kamailio } from './targets/kamailio-target.ts';
import { fiveProcesses, standalone } from './targets/rollcall-targets.ts';
import type { Target } from './targets/target.ts';

const document = fileURLToPath(new URL('../../../docs/performance.md', import.meta.url));
const generatorProcesses = 2;
const headRoomOperations = 40_000;

const report = (line: string) => process.stderr.write(`${line}\n`);
const options = readScriptOptions({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } },
});
const plan = options.quick ? quickPlan : fullPlan;
const only = options.only?.toLowerCase().split(',');

const tools = installTools(report);
const all: readonly Target[] = [
  kamailio(tools.kamailio, undefined),
  standalone,
  fiveProcesses(tools.redis),
  kamailio(tools.kamailio, tools.redis),
];
const targets = all.filter(({ name }) => only?.some((word) => name.toLowerCase().includes(word)) ?? true);

const loadBefore = loadavg();
const folder = await mkdtemp(join(tmpdir(), 'rollcall-bench-'));
const generator = new Generator(generatorProcesses);
const contenders: Contender[] = [];
const stopAll = async () => {
  generator.stop();
  for (const { running } of contenders.splice(0)) await running.stop();
  await rm(folder, { recursive: true, force: true });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stopAll().finally(() => process.exit(1)));
}

try {
  const headRoom = await measureHeadRoom(generator, headRoomOperations);
  for (const target of targets) {
    report(`starting: ${target.name}`);
    const own = join(folder, String(contenders.length));
    await mkdir(own);
    const running = await target.start({ users: plan.users, folder: own });
    contenders.push({ target, running, samples: new Map(), memory: new Map(), checks: [] });
  }
  await new Suite({ contenders, generator, plan, report }).run();
  const tables = [await tableOfGrpc(contenders, plan)];
  tables.push(await tableOfSipp(tools.sipp, contenders, plan, folder));
  if (plan.restartPhones > 0) tables.push(await tableOfRestarts(generator, contenders, plan.restartPhones));
  const sizes = plan.tableSizes.length > 0 ? await measureSizes(contenders, plan) : [];
  if (sizes.length > 0) tables.push(tableOfSizes(sizes));
  const text = formatReport(plan, contenders, { headRoom, tables, sizes, loadBefore });
  console.log(text);
  const heading = `## Registrar, beside Kamailio (${plan.name})`;
  if (only === undefined) {
    await writeFile(
      document,
      replaceSection(readDocument(document), `bench ${plan.name}`, `${heading}\n\n${text}`),
    );
    report(`written: ${document}`);
  }
} finally {
  await stopAll();
}
