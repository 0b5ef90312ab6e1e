import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { layOutVolume, renderedSecrets, type SecretContents } from './pod-files.ts';
import type { Container, KubeObject, Probe, Workload } from './rendered.ts';
import { selects } from './rendered.ts';

const namespace = 'voip';
/** The first and the last address of a private network that pods get; Docker has the first of it. */
const firstPod = 10;
const lastPod = 250;

/** What a command said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
}

/** A pod that runs. */
export interface RunningPod {
  readonly id: string;
  readonly address: string;
  readonly workload: Workload;
  /** From its start until its readiness probe was content, in milliseconds. */
  readonly readyAfterMs: number;
}

/** Runs docker. */
export function docker(...args: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile('docker', args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 1;
      resolve({ code, out: `${stdout}${stderr}`.trim() });
    });
  });
}

/** Runs docker, where nothing but success will do. */
export async function must(...args: string[]): Promise<string> {
  const { code, out } = await docker(...args);
  if (code !== 0) throw new Error(`docker ${args.slice(0, 2).join(' ')}: ${out}`);
  return out;
}

/** Pods of rendered manifests as containers of a private network: a pod's variables, files, user and names, and its probes. */
export class ContainerLab {
  readonly network = `rollcall-chart-${process.pid}`;
  readonly #objects: readonly KubeObject[];
  readonly #secrets: SecretContents;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-chart-'));
  readonly #started = new Set<string>();
  #subnet = '';
  #count = 0;

  /** @param secrets the Secrets that the release expects to find */
  constructor(objects: readonly KubeObject[], secrets: SecretContents) {
    this.#objects = objects;
    this.#secrets = { ...renderedSecrets(objects), ...secrets };
  }

  /** Makes the network, on the first addresses that nobody else has. */
  async open(): Promise<void> {
    for (let third = 0; third < 256; third += 1) {
      this.#subnet = `10.211.${third}`;
      const made = await docker('network', 'create', '--subnet', `${this.#subnet}.0/24`, this.network);
      if (made.code === 0) return;
      if (!/overlap|in use|Pool/i.test(made.out)) throw new Error(`docker network create: ${made.out}`);
    }
    throw new Error('no addresses are left for a network of containers');
  }

  async close(): Promise<void> {
    if (this.#started.size > 0) await docker('rm', '--force', '--volumes', ...this.#started);
    await docker('network', 'rm', this.network);
    rmSync(this.#folder, { recursive: true });
  }

  /** Starts one pod of a workload, and waits until its probes are content, as kubelet does. */
  async start(workload: Workload): Promise<RunningPod> {
    const [container] = workload.pod.containers;
    if (container === undefined) throw new Error(`${workload.object.metadata.name} has no container`);
    const startedAtMs = performance.now();
    const { name, address } = this.#newPod(workload);
    const id = await must(
      ...['run', '--detach', '--name', name, '--hostname', name, '--ip', address],
      ...this.#arguments(workload, container, name, address),
      ...this.#aliases(workload),
      container.image,
      ...command(container).rest,
    );
    this.#started.add(id);
    for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe])
      await this.#content(id, `${address}:${httpPort(container)}`, probe);
    return { id, address, workload, readyAfterMs: Math.round(performance.now() - startedAtMs) };
  }

  /** Runs a container of a pod to its end. */
  run(workload: Workload, container: Container, args = container.args ?? []): Promise<Ran> {
    const { name, address } = this.#newPod(workload);
    const options = this.#arguments(workload, container, name, address);
    return docker('run', '--rm', '--ip', address, ...options, container.image, ...args);
  }

  /** Ends a pod as kubelet does: preStop, SIGTERM, and the time that the pod has for both. @returns its exit code */
  async stop({ id, workload }: RunningPod): Promise<number> {
    const graceSec = workload.pod.terminationGracePeriodSeconds ?? 30;
    const preStopSec = workload.pod.containers[0]?.lifecycle?.preStop?.sleep?.seconds ?? 0;
    await sleep(preStopSec * 1000);
    await must('stop', '--time', String(graceSec - preStopSec), id);
    return Number(await must('inspect', '--format', '{{.State.ExitCode}}', id));
  }

  #newPod({ object }: Workload): { name: string; address: string } {
    this.#count += 1;
    const address = `${this.#subnet}.${firstPod + (this.#count % (lastPod - firstPod))}`;
    return { name: `${object.metadata.name}-${process.pid}-${this.#count}`, address };
  }

  #arguments(workload: Workload, container: Container, name: string, address: string): string[] {
    const fields: Record<string, string> = {
      'metadata.name': name,
      'metadata.namespace': namespace,
      'status.podIP': address,
      'status.podIPs': address,
      'status.hostIP': `${this.#subnet}.1`,
      'status.hostIPs': `${this.#subnet}.1`,
    };
    const variables = (container.envFrom ?? []).flatMap(({ configMapRef }) => {
      const found = this.#objects.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name,
      );
      return Object.entries(found?.data ?? {});
    });
    for (const each of container.env ?? []) {
      const value = each.value ?? fields[each.valueFrom?.fieldRef?.fieldPath ?? ''];
      if (value !== undefined) variables.push([each.name, expand(value, variables)]);
    }
    const memory = container.resources?.limits?.memory?.replace('i', '').toLowerCase();
    const { entry } = command(container);
    return [
      ...['--network', this.network, '--read-only', '--tmpfs', '/tmp', '--user', '65532:65532'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...(memory === undefined ? [] : ['--memory', memory]),
      ...(entry === undefined ? [] : ['--entrypoint', entry]),
      ...variables.flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...(container.volumeMounts ?? []).flatMap((mount) => {
        const folder = layOutVolume(this.#folder, workload, mount.name, this.#secrets);
        return folder === undefined ? [] : ['--volume', `${folder}:${mount.mountPath}:ro`];
      }),
    ];
  }

  /** The names of all Services that select the pod. */
  #aliases({ labels }: Workload): string[] {
    return this.#objects
      .filter(
        ({ kind, spec }) => kind === 'Service' && selects(spec?.selector as Record<string, string>, labels),
      )
      .flatMap(({ metadata }) => ['--network-alias', `${metadata.name}.${namespace}.svc.cluster.local`]);
  }

  /** Asks a probe as often as it says, until it is content; for as long as a startup probe may take. */
  async #content(id: string, address: string, probe: Probe | undefined): Promise<void> {
    if (probe?.httpGet === undefined) return;
    const { periodSeconds = 10, timeoutSeconds = 1, httpGet } = probe;
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const signal = AbortSignal.timeout(timeoutSeconds * 1000);
      const answer = await fetch(`http://${address}${httpGet.path}`, { signal }).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      if ((await docker('inspect', '--format', '{{.State.Running}}', id)).out !== 'true') break;
      await sleep(Math.min(periodSeconds, 1) * 1000);
    }
    const logs = await docker('logs', '--tail', '20', id);
    throw new Error(`${httpGet.path} was not content in time:\n${logs.out}`);
  }
}

/** $(NAME) stands for the value of a variable before it. */
function expand(value: string, variables: readonly (readonly [string, string])[]): string {
  return value.replaceAll(/\$\(([A-Za-z_][A-Za-z0-9_]*)\)/g, (text, name) => {
    return variables.findLast(([known]) => known === name)?.[1] ?? text;
  });
}

function httpPort(container: Container): number {
  return container.ports?.find(({ name }) => name === 'http')?.containerPort ?? 0;
}

/** A Kubernetes command is Docker's entrypoint and its first arguments. */
function command({ command: words = [], args = [] }: Container): {
  entry: string | undefined;
  rest: string[];
} {
  return { entry: words[0], rest: [...words.slice(1), ...args] };
}
