/**
 * `npm run monitoring:check`: what is committed is what src/ makes; promtool accepts and tests the rules; every query can
 * be parsed and reads what is exported; dashboards are well-formed; the runbook knows every alert.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '@rollcall/testkit';
import { stringify } from 'yaml';
import { allAlerts } from './all-rules.ts';
import { checkDashboards } from './check-dashboards.ts';
import { allQueries, checkQueries } from './check-queries.ts';
import { checkRunbook } from './check-runbook.ts';
import { renderFiles } from './render-files.ts';

const folder = join(import.meta.dirname, '..');
const runbook = readFileSync(join(folder, '../../docs/runbook.md'), 'utf8');
const promtool = await findTool('promtool');
const problems = [
  ...checkFiles(),
  ...(await checkQueries()),
  ...checkDashboards(),
  ...checkRunbook(runbook),
  ...checkWithPromtool(),
];
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
console.log(`monitoring: ${allAlerts.length} alerts, ${allQueries().length} queries: all is well`);

/** What is committed but not made, made but not committed, or not the same. */
function checkFiles(): string[] {
  const made = renderFiles();
  const committed = ['rules', 'tests', 'dashboards'].flatMap((each) =>
    readdirSync(join(folder, each)).map((name) => `${each}/${name}`),
  );
  const paths = new Set([...committed, ...Object.keys(made)]);
  return [...paths]
    .filter((path) => !committed.includes(path) || readFileSync(join(folder, path), 'utf8') !== made[path])
    .map(
      (path) => `deploy/monitoring/${path} is not what the code makes; run "npm run monitoring" and commit`,
    );
}

function checkWithPromtool(): string[] {
  const rules = readdirSync(join(folder, 'rules')).map((name) => join(folder, 'rules', name));
  const tests = readdirSync(join(folder, 'tests')).map((name) => join(folder, 'tests', name));
  const scratch = mkdtempSync(join(tmpdir(), 'rollcall-queries-'));
  try {
    // Prometheus's own parser looks at the dashboards too: as rules, which is what promtool reads.
    const queries = allQueries().map(({ query }, index) => ({ record: `query:${index}`, expr: query }));
    const asRules = join(scratch, 'queries.yaml');
    writeFileSync(asRules, stringify({ groups: [{ name: 'queries', rules: queries }] }));
    return [
      ...run('check', 'rules', '--lint=all', '--lint-fatal', ...rules, asRules),
      ...run('test', 'rules', ...tests),
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function run(...args: string[]): string[] {
  const done = spawnSync(promtool, args, { encoding: 'utf8' });
  if (done.error) throw done.error;
  return done.status === 0 ? [] : [`promtool ${args.slice(0, 2).join(' ')}:\n${done.stdout}${done.stderr}`];
}
