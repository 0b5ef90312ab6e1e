import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { chartFolder, findHelm, findKubectl, helm } from '../helm.ts';
import { loadSubscribers, WholeLoad } from '../load/whole-load.ts';
import { runSecrets, writeRunValues } from '../run-release.ts';
import { formatTable } from '../text-table.ts';
import type { ControlPlane } from './control-plane.ts';
import { installation } from './installation.ts';

const namespace = 'voip';
const components = ['edge', 'registrar', 'auth', 'location', 'redirect'];
const quietMs = 10_000;
/** The grace period of an edge, and some more. */
const goneWithinMs = 240_000;

/** Installs a release whose pods run, tests it, and restarts, upgrades and rolls it back under load. @returns problems */
export async function runRelease(plane: ControlPlane): Promise<string[]> {
  const release = installation(plane, namespace, 'restricted');
  for (const [name, content] of Object.entries(await runSecrets(loadSubscribers)))
    release.makeSecret(name, content);
  const values = [join(chartFolder, 'ci', 'dev-values.yaml'), writeRunValues(plane.folder)];
  const files = values.flatMap((file) => ['--values', file]);
  const service = ['--set', 'edge.exposure.service.type=NodePort'];
  const problem = release.helm(
    'install',
    'rc',
    chartFolder,
    ...files,
    ...service,
    '--wait',
    '--timeout',
    '5m',
  );
  if (problem !== undefined)
    return [`helm install: ${problem}\n${plane.kubectl('-n', namespace, 'get', 'pods').out}`];
  const pods = plane.kubectl('--namespace', namespace, 'get', 'pods', '--no-headers').out;
  console.log(pods);
  const tested = helm('test', 'rc', '--namespace', namespace, '--logs', '--timeout', '5m');
  console.log(tested.out);
  if (!tested.good) return [`helm test: ${tested.said}`];
  const upgrade = [
    'upgrade',
    'rc',
    chartFolder,
    ...files,
    ...service,
    '--set',
    'log.level=warn',
    '--wait',
    '--timeout',
    '9m',
  ];
  return rollUnderLoad(plane, [
    ...components.map(
      (name): Step => [`rollout restart ${name}`, () => restart(plane, `deployment/rc-rollcall-${name}`)],
    ),
    ['helm upgrade, all five', () => runHelm(...upgrade)],
    ['helm rollback, all five', () => runHelm('rollback', 'rc', '1', '--wait', '--timeout', '9m')],
  ]);
}

type Step = [string, () => Promise<string | undefined>];

async function rollUnderLoad(plane: ControlPlane, steps: readonly Step[]): Promise<string[]> {
  const address = (name: string) => {
    const path = 'jsonpath={.spec.clusterIP}';
    return plane.kubectl('--namespace', namespace, 'get', 'service', `rc-rollcall-${name}`, '-o', path).out;
  };
  const load = await WholeLoad.start(
    { host: address('edge-udp'), port: 5060 },
    { host: address('edge-tcp'), port: 5060 },
  );
  const problems: string[] = [];
  const rows: (string | number)[][] = [];
  await sleep(quietMs);
  // What the load alone does to this machine.
  rows.push(['(nothing)', '', `${quietMs / 1000} s`, load.refused]);
  for (const [name, run] of steps) {
    const beganAtMs = performance.now();
    const refusedBefore = load.refused;
    const problem = (await run()) ?? (await untilGone(plane));
    if (problem !== undefined) problems.push(`${name}: ${problem}`);
    const tookSec = Math.round((performance.now() - beganAtMs) / 1000);
    console.log(`  ${name}: ${problem === undefined ? 'good' : 'BAD'} after ${tookSec} s`);
    rows.push([name, problem === undefined ? 'good' : 'BAD', `${tookSec} s`, load.refused - refusedBefore]);
  }
  await sleep(quietMs);
  const { lost, refused, table, acknowledged } = await load.stop(`${address('location')}:50053`);
  console.log(`${formatTable([['under load', '', 'took', 'phones refused'], ...rows])}\n\n${table}\n`);
  console.log(`${acknowledged} AORs were acknowledged; ${lost.length} of them not found as told`);
  if (refused > 0)
    problems.push(`${refused} requests were refused or not answered: a rollout refuses nobody`);
  for (const line of lost.slice(0, 20)) problems.push(`lost: ${line}`);
  return problems;
}

async function restart(plane: ControlPlane, what: string): Promise<string | undefined> {
  const given = ['--kubeconfig', plane.kubeconfig('admin'), '--namespace', namespace, 'rollout'];
  const asked = await run(findKubectl(), [...given, 'restart', what]);
  return asked ?? run(findKubectl(), [...given, 'status', what, '--timeout', '5m']);
}

/**
 * Waits until the pods that were told to go have gone, which neither kubectl nor helm does: an edge closes connections until
 * then, and with them go bindings of phones, which come back only while the load goes on.
 */
async function untilGone(plane: ControlPlane): Promise<string | undefined> {
  const endAtMs = performance.now() + goneWithinMs;
  const path = 'jsonpath={.items[?(@.metadata.deletionTimestamp)].metadata.name}';
  for (;;) {
    const { out } = plane.kubectl('--namespace', namespace, 'get', 'pods', '-o', path);
    if (out === '') return undefined;
    if (performance.now() > endAtMs) return `not gone: ${out}`;
    await sleep(1000);
  }
}

function runHelm(...args: string[]): Promise<string | undefined> {
  return run(findHelm(), [...args, '--namespace', namespace]);
}

/** Runs a program to its end, while the load goes on in this one. @returns what it said where it failed */
async function run(program: string, args: readonly string[]): Promise<string | undefined> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return code === 0 ? undefined : said.trim();
}
