/**
 * Checks the Helm chart without a cluster: `npm run chart:check`. With `--full` also by kubeconform and helm-unittest, which
 * need Go. With `--release` it writes down what upgrades from here cannot change. With `--write` it writes what is generated: the schema, the README and the copies of rules and dashboards.
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { readScriptOptions } from '@rollcall/testkit';
import { renderReadme } from './chart-readme.ts';
import { checkWithGo } from './full-checks.ts';
import { allExamples, chartFolder, type Example, helm, renderChart } from './helm.ts';
import { findModelProblems, findTypeProblems, type RenderedObject } from './model-rules.ts';
import { monitoringFiles } from './monitoring-files.ts';
import { findMonitoringProblems } from './monitoring-rules.ts';
import { documentedFlows, findAllowedFlows } from './network-rules.ts';
import { findRecordProblems } from './notes-records.ts';
import { findConfigProblems, findObjectProblems } from './object-rules.ts';
import { findPodProblems } from './pod-rules.ts';
import { findReleaseProblems, findSharedParts, writeRelease } from './release-rules.ts';
import { readObjects, readWorkloads } from './rendered.ts';
import { buildSchema } from './values-schema.ts';
import { wrongValues } from './wrong-values.ts';

const generated: Record<string, () => string> = {
  'values.schema.json': () => `${JSON.stringify(buildSchema(), undefined, 2)}\n`,
  'README.md': renderReadme,
  ...Object.fromEntries(
    Object.entries(monitoringFiles()).map(([path, text]) => [`files/${path}`, () => text]),
  ),
};

const problems: string[] = [];
/** Every object of every example. */
const rendered: RenderedObject[] = [];

const options = readScriptOptions({
  options: {
    write: { type: 'boolean', default: false },
    release: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
  },
});

if (options.write) {
  for (const folder of ['rules', 'dashboards']) {
    rmSync(join(chartFolder, 'files', folder), { recursive: true, force: true });
    mkdirSync(join(chartFolder, 'files', folder), { recursive: true });
  }
  for (const [name, render] of Object.entries(generated)) writeFileSync(join(chartFolder, name), render());
} else {
  checkGenerated();
  const examples = allExamples();
  for (const example of examples) await checkExample(example);
  problems.push(...findTypeProblems(rendered), ...findReleaseProblems(rendered));
  if (options.release) writeRelease(rendered);
  checkNetwork();
  checkWrongValues();
  const full = options.full ? checkWithGo(rendered) : undefined;
  problems.push(...(full?.problems ?? []));
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exit(1);
  console.log(
    `chart: ${examples.length} examples linted, rendered twice and checked; ${wrongValues.length} wrong values refused; ${documentedFlows.length} flows as documented`,
  );
  console.log(
    full?.said ?? 'chart: kubeconform and helm-unittest run with -- --full: building them takes minutes once',
  );
}

function checkGenerated(): void {
  for (const [name, render] of Object.entries(generated)) {
    const path = join(chartFolder, name);
    if (!existsSync(path) || readFileSync(path, 'utf8') !== render())
      problems.push(`helm/rollcall/${name} is not what the code says; run "npm run chart:docs" and commit`);
  }
  for (const folder of ['rules', 'dashboards']) {
    for (const name of readdirSync(join(chartFolder, 'files', folder)))
      if (!(`files/${folder}/${name}` in generated))
        problems.push(`files/${folder}/${name} is no longer made`);
  }
}

async function checkExample({ name, files }: Example): Promise<void> {
  const note = (problem: string) => problems.push(`${name}: ${problem}`);
  const linted = helm('lint', '--strict', chartFolder, ...files.flatMap((file) => ['--values', file]));
  if (!linted.good) note(`helm lint: ${linted.out}${linted.said}`);
  const first = renderChart(...files);
  if (!first.good) {
    note(`helm template: ${first.said}`);
    return;
  }
  if (renderChart(...files).out !== first.out) note('is rendered differently the second time');
  const objects = readObjects(first.out);
  const workloads = readWorkloads(objects);
  const onNode = /host(port|network)/.test(name);
  for (const workload of workloads) findPodProblems(workload, onNode).forEach(note);
  findObjectProblems(objects, workloads).forEach(note);
  findConfigProblems(objects).forEach(note);
  (await findModelProblems(objects)).forEach(note);
  (await findMonitoringProblems(objects)).forEach(note);
  findRecordProblems(files).forEach(note);
  if (!name.includes('kind')) {
    const other = helm(
      'template',
      'other',
      chartFolder,
      '--namespace',
      'voip',
      ...files.flatMap((file) => ['--values', file]),
    );
    findSharedParts(objects, readObjects(other.out)).forEach(note);
  }
  for (const object of objects) rendered.push({ example: name, object });
  for (const object of objects) {
    if (object.metadata.namespace !== 'voip') note(`${object.kind}/${object.metadata.name} has no namespace`);
  }
}

/** Neither more nor less than the README says is let through. */
function checkNetwork(): void {
  const objects = readObjects(renderChart(join(chartFolder, 'ci', 'canary-values.yaml')).out);
  const allowed = findAllowedFlows(objects, readWorkloads(objects));
  for (const flow of allowed) if (!documentedFlows.includes(flow)) problems.push(`let through: ${flow}`);
  for (const flow of documentedFlows) if (!allowed.includes(flow)) problems.push(`not let through: ${flow}`);
}

function checkWrongValues(): void {
  for (const { set, says } of wrongValues) {
    const { good, said } = helm('template', 'rc', chartFolder, ...set.flatMap((each) => ['--set', each]));
    const what = set.at(-1) ?? 'no values';
    if (good) problems.push(`${what}: accepted`);
    else if (!said.includes(says)) problems.push(`${what}: refused, but it does not say "${says}":\n${said}`);
  }
}
