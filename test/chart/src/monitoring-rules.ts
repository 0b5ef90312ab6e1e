import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '@rollcall/testkit';
import { stringify } from 'yaml';
import { type KubeObject, nameOf } from './rendered.ts';

/** Of a ConfigMap, by the API server. */
const mostBytes = 1024 * 1024;

/** What Prometheus would say of the rendered rules, and the API server of large objects. */
export async function findMonitoringProblems(objects: readonly KubeObject[]): Promise<string[]> {
  const large = objects.filter((object) => JSON.stringify(object).length > mostBytes);
  const problems = large.map((object) => `${nameOf(object)} is larger than 1 MiB`);
  const rules = objects.filter(({ kind }) => kind === 'PrometheusRule');
  if (rules.length === 0) return problems;
  const promtool = await findTool('promtool');
  const scratch = mkdtempSync(join(tmpdir(), 'rollcall-rules-'));
  try {
    for (const object of rules) {
      const file = join(scratch, `${object.metadata.name}.yaml`);
      writeFileSync(file, stringify({ groups: object.spec?.groups }));
      const done = spawnSync(promtool, ['check', 'rules', '--lint=all', '--lint-fatal', file], {
        encoding: 'utf8',
      });
      if (done.error) throw done.error;
      if (done.status !== 0) problems.push(`${nameOf(object)}: ${done.stdout}${done.stderr}`);
    }
  } finally {
    rmSync(scratch, { recursive: true });
  }
  return problems;
}
