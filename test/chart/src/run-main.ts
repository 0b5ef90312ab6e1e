/**
 * Runs what the chart renders, with the built images as containers: `npm run images && npm run chart:run`. Needs a Docker engine,
 * and SIPp. With `-- --grpc-tls` the services speak mutual TLS; TAG names other images than those of this version.
 *
 * It starts every pod, asks its probes as kubelet does, runs the test pod's own commands, and then replaces every pod of the five
 * deployments, one after the other, while SIPp registers and phones refresh over UDP and TCP. Nobody may be refused, and whatever
 * was acknowledged must be known to location afterwards.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { readScriptOptions } from '@rollcall/testkit';
import { ContainerLab, type RunningPod } from './containers.ts';
import { issueGrpcTls } from './grpc-tls-release.ts';
import { chartFolder, renderChart } from './helm.ts';
import { ServiceStandIn } from './load/service-stand-in.ts';
import { loadSubscribers, WholeLoad } from './load/whole-load.ts';
import { readObjects, readWorkloads, type Workload } from './rendered.ts';
import { runSecrets, writeRunValues } from './run-release.ts';
import { formatTable } from './text-table.ts';

/** In the order of a registration; each is replaced in turn. */
const components = ['edge', 'registrar', 'auth', 'location', 'redirect'];
/** Load before the first pod is replaced and after the last. */
const quietMs = 10_000;

const startedAtMs = performance.now();
const options = readScriptOptions({ options: { 'grpc-tls': { type: 'boolean', default: false } } });
const folder = mkdtempSync(join(tmpdir(), 'rollcall-run-'));
const grpcTls = options['grpc-tls'] ? await issueGrpcTls(folder) : undefined;
const tag = process.env.TAG === undefined ? {} : { image: { tag: process.env.TAG } };
const rendered = renderChart(
  join(chartFolder, 'ci', 'dev-values.yaml'),
  writeRunValues(folder, { ...tag, ...grpcTls?.values }),
);
if (!rendered.good) throw new Error(rendered.said);
const objects = readObjects(rendered.out);
const workloads = readWorkloads(objects);
const lab = new ContainerLab(objects, {
  ...(await runSecrets(loadSubscribers)),
  ...grpcTls?.secrets,
});
const service = new ServiceStandIn();
const running = new Map<string, RunningPod[]>();
const problems: string[] = [];

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void lab.close().then(() => process.exit(1)));
await lab.open();
try {
  await startAll();
  await runTests();
  await rollUnderLoad();
} finally {
  service.close();
  await lab.close();
  rmSync(folder, { recursive: true });
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
const tookSec = Math.round((performance.now() - startedAtMs) / 1000);
console.log(
  `\nchart: what is rendered runs, nobody was refused, and nothing acknowledged was lost (${tookSec} s)`,
);

function component({ labels }: Workload): string {
  return labels['app.kubernetes.io/component'] ?? '';
}

async function startPod(workload: Workload): Promise<RunningPod> {
  const pod = await lab.start(workload);
  const name = component(workload);
  running.set(name, [...(running.get(name) ?? []), pod]);
  const sip = workload.pod.containers[0]?.ports?.find(({ protocol }) => protocol === 'UDP');
  if (sip !== undefined) service.add(pod.id, { host: pod.address, port: sip.containerPort });
  return pod;
}

/** All at once but Redis, as a cluster would: nothing may depend on the order. */
async function startAll(): Promise<void> {
  const deployments = workloads.filter(({ object }) => object.kind === 'Deployment');
  const isRedis = (workload: Workload) => component(workload) === 'dev-redis';
  for (const group of [deployments.filter(isRedis), deployments.filter((each) => !isRedis(each))]) {
    const pods = group.flatMap((workload) =>
      Array.from({ length: Number(workload.object.spec?.replicas ?? 1) }, () => workload),
    );
    await Promise.all(pods.map(startPod));
  }
  const rows = [...running].map(([name, pods]) => [
    name,
    pods.length,
    pods.map(({ readyAfterMs }) => `${readyAfterMs} ms`).join(', '),
  ]);
  console.log(formatTable([['component', 'pods', 'ready after (all at once)'], ...rows]));
}

async function runTests(): Promise<void> {
  const pods = workloads.filter((each) => component(each) === 'test');
  if (pods.length === 0) throw new Error('the chart rendered no test pod');
  for (const pod of pods) {
    const [container] = pod.pod.containers;
    if (container === undefined) continue;
    const { name } = pod.object.metadata;
    const { code, out } = await lab.run(pod, container);
    console.log(`\nhelm test, ${name}: rollcall ${(container.args ?? []).join(' ')}\n${out}`);
    if (code !== 0) problems.push(`${name} ended with ${code}`);
  }
}

async function rollUnderLoad(): Promise<void> {
  const { udp, tcp } = await service.open();
  console.log('\nreplacing every pod under load …');
  const load = await WholeLoad.start(udp, tcp);
  const rows: (string | number)[][] = [];
  try {
    await sleep(quietMs);
    // What the load alone does to this machine.
    rows.push(['(nothing)', '', `${quietMs / 1000} s`, '', load.refused, '']);
    for (const name of components) {
      for (const old of running.get(name) ?? []) {
        rows.push(await replace(old, load));
        console.log(`  ${name} replaced (${rows.length - 1} of ${podCount()})`);
      }
    }
    await sleep(quietMs);
  } finally {
    console.log(
      formatTable([
        [
          ...['replaced', 'new one ready after', 'old one gone after', 'its exit code'],
          ...['refused while the new one starts', 'while the old one goes'],
        ],
        ...rows,
      ]),
    );
    const target = (running.get('location') ?? []).map(({ address }) => `${address}:50053`)[0] ?? '';
    const { lost, refused, table, acknowledged } = await load.stop(target, grpcTls?.client);
    console.log(
      `\n${table}\n\n${acknowledged} AORs were acknowledged; ${lost.length} of them not found as told`,
    );
    if (acknowledged === 0) problems.push('nothing was acknowledged');
    if (refused > 0)
      problems.push(`${refused} requests were refused or not answered: a rollout refuses nobody`);
    for (const line of lost.slice(0, 20)) problems.push(`lost: ${line}`);
  }
}

/** Pods of the five. */
function podCount(): number {
  return components.reduce((sum, name) => sum + (running.get(name)?.length ?? 0), 0);
}

/** As a Deployment does with maxSurge 1 and maxUnavailable 0. */
async function replace(old: RunningPod, load: WholeLoad): Promise<(string | number)[]> {
  const refusedBefore = load.refused;
  const name = component(old.workload);
  const fresh = await startPod(old.workload);
  await sleep(Number(old.workload.object.spec?.minReadySeconds ?? 0) * 1000);
  running.set(
    name,
    (running.get(name) ?? []).filter((each) => each !== old),
  );
  service.remove(old.id);
  const goingAtMs = performance.now();
  const refusedUntilThen = load.refused;
  const code = await lab.stop(old);
  if (code !== 0) problems.push(`${name} ended with ${code}`);
  const goneSec = (performance.now() - goingAtMs) / 1000;
  return [
    ...[name, `${fresh.readyAfterMs} ms`, `${goneSec.toFixed(1)} s`, code],
    ...[refusedUntilThen - refusedBefore, load.refused - refusedUntilThen],
  ];
}
