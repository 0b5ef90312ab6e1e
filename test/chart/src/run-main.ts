/**
 * Runs what the chart renders, with the built images as containers: `npm run images && npm run chart:run`. Needs a Docker engine.
 *
 * It starts every pod, runs the test pod's own commands, registers a phone, then replaces every pod one after the other
 * while probes go on, and looks whether the phone is still known.
 */
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContainerLab } from './containers.ts';
import { chartFolder, renderChart } from './helm.ts';
import { readObjects, readWorkloads, type Workload } from './rendered.ts';

/** How long an old and a new pod serve together; shorter than Kubernetes would let them. */
const overlapMs = 2000;

const rendered = renderChart(join(chartFolder, 'ci', 'dev-values.yaml'));
if (!rendered.good) throw new Error(rendered.said);
const objects = readObjects(rendered.out);
const workloads = readWorkloads(objects);
const lab = new ContainerLab(objects, {
  'rollcall-nonces': { 'nonce-secrets': 'sixteen-characters-and-more' },
  'rollcall-flows': { 'flow-secrets': 'sixteen-characters-and-more' },
  'rollcall-probe': { password: 'let-me-in' },
});
const problems: string[] = [];
const running = new Map<Workload, string[]>();

process.on('SIGINT', () => void lab.close().then(() => process.exit(1)));
await lab.open();
try {
  await startAll();
  await runTests();
  await rollUnderProbes();
} finally {
  await lab.close();
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('chart: what is rendered runs, and nothing acknowledged was lost');

function component({ labels }: Workload): string {
  return labels['app.kubernetes.io/component'] ?? '';
}

function testPod(): Workload {
  const found = workloads.find((each) => component(each) === 'test');
  if (found === undefined) throw new Error('the chart rendered no test pod');
  return found;
}

/** All at once but Redis, as a cluster would: nothing may depend on the order. */
async function startAll(): Promise<void> {
  const [redis, ...others] = workloads
    .filter((each) => each.object.kind === 'Deployment')
    .sort((a, b) => Number(component(b) === 'dev-redis') - Number(component(a) === 'dev-redis'));
  for (const group of [[redis], others]) {
    await Promise.all(
      group.flatMap((workload) => {
        if (workload === undefined) return [];
        const replicas = Number(workload.object.spec?.replicas ?? 1);
        return Array.from({ length: replicas }, async () => {
          const startedAtMs = performance.now();
          const id = await lab.start(workload);
          running.set(workload, [...(running.get(workload) ?? []), id]);
          console.log(`${component(workload)} ready after ${Math.round(performance.now() - startedAtMs)} ms`);
        });
      }),
    );
  }
}

async function runTests(): Promise<void> {
  const pod = testPod();
  for (const container of pod.pod.containers) {
    const { code, out } = await lab.run(pod, container);
    console.log(`helm test, ${container.name}: rollcall ${(container.args ?? []).join(' ')}\n${out}`);
    if (code !== 0) problems.push(`the test of ${container.name} ended with ${code}`);
  }
}

async function rollUnderProbes(): Promise<void> {
  const ran = await asPhone('register', '--password=wonderland', '--contact=sip:alice@192.0.2.1');
  if (ran.code !== 0) problems.push(`alice could not register: ${ran.out}`);
  const probes = { good: 0, bad: 0, rolling: true };
  const probing = probeOn(probes);
  for (const [workload, ids] of running) {
    if (component(workload) === 'dev-redis') continue;
    for (const id of ids) await replace(workload, id);
  }
  probes.rolling = false;
  await probing;
  console.log(`probes meanwhile: ${probes.good} good, ${probes.bad} bad`);
  const found = await asPhone('invite');
  console.log(`alice afterwards:\n${found.out}`);
  if (!found.out.includes('sip:alice@192.0.2.1')) problems.push('the registration of alice was lost');
}

async function replace(workload: Workload, id: string): Promise<void> {
  await lab.start(workload);
  await sleep(overlapMs);
  const code = await lab.stop(id, 30);
  console.log(`${component(workload)} replaced, the old one ended with ${code}`);
  if (code !== 0) problems.push(`${component(workload)} ended with ${code}`);
}

async function probeOn(probes: { good: number; bad: number; rolling: boolean }): Promise<void> {
  const pod = testPod();
  while (probes.rolling) {
    for (const container of pod.pod.containers) {
      const { code, out } = await lab.run(pod, container);
      if (code === 0) probes.good += 1;
      else {
        probes.bad += 1;
        console.log(`a probe meanwhile: ${out}`);
      }
    }
  }
}

/** A command of the test pod's image, for alice. */
function asPhone(command: string, ...options: string[]) {
  const pod = testPod();
  const [container] = pod.pod.containers;
  if (container === undefined) throw new Error('the test pod has no container');
  const server = container.args?.find((each) => each.startsWith('--server=')) ?? '';
  return lab.run(pod, container, [command, 'sip:alice@example.com', server, ...options]);
}
