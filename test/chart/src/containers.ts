import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Container, KubeObject, Workload } from './rendered.ts';
import { selects } from './rendered.ts';

const namespace = 'voip';
const readyWithinMs = 60_000;

/** What a command said, and how it ended. */
export interface Ran {
  readonly code: number;
  readonly out: string;
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

/** Pods of rendered manifests as containers of a private network: a pod's variables, files, user and names, and its probes. */
export class ContainerLab {
  readonly network = `rollcall-chart-${process.pid}`;
  readonly #objects: readonly KubeObject[];
  /** Contents of the Secrets that the release expects to find: name, key, text. */
  readonly #secrets: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-chart-'));
  readonly #started = new Set<string>();

  constructor(objects: readonly KubeObject[], secrets: Readonly<Record<string, Record<string, string>>>) {
    this.#objects = objects;
    const rendered = objects
      .filter(({ kind }) => kind === 'Secret')
      .map((object) => [
        object.metadata.name,
        (object as { stringData?: Record<string, string> }).stringData ?? {},
      ]);
    this.#secrets = { ...Object.fromEntries(rendered), ...secrets };
  }

  async open(): Promise<void> {
    await must('network', 'create', this.network);
  }

  async close(): Promise<void> {
    if (this.#started.size > 0) await docker('rm', '--force', '--volumes', ...this.#started);
    await docker('network', 'rm', this.network);
    rmSync(this.#folder, { recursive: true });
  }

  /** Starts one pod of a workload, and waits until its readiness probe is content. */
  async start(workload: Workload): Promise<string> {
    const [container] = workload.pod.containers;
    if (container === undefined) throw new Error(`${workload.object.metadata.name} has no container`);
    const id = await must(
      'run',
      '--detach',
      ...this.#arguments(workload, container),
      ...this.#aliases(workload),
      container.image,
      ...command(container).rest,
    );
    this.#started.add(id);
    await this.#ready(id, container);
    return id;
  }

  /** Runs a container of a pod to its end. */
  run(workload: Workload, container: Container, args = container.args ?? []): Promise<Ran> {
    return docker('run', '--rm', ...this.#arguments(workload, container), container.image, ...args);
  }

  /** SIGTERM, and the time that the pod has. @returns its exit code */
  async stop(id: string, graceSec: number): Promise<number> {
    await must('stop', '--time', String(graceSec), id);
    return Number(await must('inspect', '--format', '{{.State.ExitCode}}', id));
  }

  #arguments(workload: Workload, container: Container): string[] {
    const variables = (container.envFrom ?? []).flatMap(({ configMapRef }) => {
      const found = this.#objects.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === configMapRef?.name,
      );
      return Object.entries(found?.data ?? {});
    });
    for (const { name, value } of container.env ?? []) if (value !== undefined) variables.push([name, value]);
    const memory = container.resources?.limits?.memory?.replace('i', '').toLowerCase();
    const { entry } = command(container);
    return [
      ...['--network', this.network, '--read-only', '--tmpfs', '/tmp', '--user', '65532:65532'],
      ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
      ...(memory === undefined ? [] : ['--memory', memory]),
      ...(entry === undefined ? [] : ['--entrypoint', entry]),
      ...variables.flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...(container.volumeMounts ?? []).flatMap(({ name, mountPath }) => {
        const folder = this.#layOut(workload, name);
        return folder === undefined ? [] : ['--volume', `${folder}:${mountPath}:ro`];
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

  /** Files of a secret or projected volume; undefined for others. */
  #layOut({ object, pod }: Workload, name: string): string | undefined {
    interface Item {
      readonly key: string;
      readonly path: string;
    }
    interface Source {
      readonly secret?: {
        readonly name?: string;
        readonly secretName?: string;
        readonly items?: readonly Item[];
      };
    }
    const volume = pod.volumes?.find((each) => each.name === name) as
      | (Source & { readonly projected?: { readonly sources: readonly Source[] } })
      | undefined;
    const sources = volume?.projected?.sources ?? (volume?.secret === undefined ? [] : [volume]);
    if (sources.length === 0) return undefined;
    const folder = join(this.#folder, object.metadata.name, name);
    mkdirSync(folder, { recursive: true });
    for (const { secret } of sources) {
      const contents = this.#secrets[secret?.name ?? secret?.secretName ?? ''] ?? {};
      const items = secret?.items ?? Object.keys(contents).map((key) => ({ key, path: key }));
      for (const { key, path } of items) writeFileSync(join(folder, path), contents[key] ?? '');
    }
    for (const each of [this.#folder, join(this.#folder, object.metadata.name), folder])
      chmodSync(each, 0o755);
    return folder;
  }

  async #ready(id: string, container: Container): Promise<void> {
    const path = container.readinessProbe?.httpGet?.path;
    if (path === undefined) return;
    const port = container.ports?.find(({ name }) => name === 'http')?.containerPort ?? 0;
    const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
    const address = await must('inspect', '--format', format, id);
    for (let waitedMs = 0; waitedMs < readyWithinMs; waitedMs += 200) {
      const answer = await fetch(`http://${address}:${port}${path}`).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer?.ok) return;
      await sleep(200);
    }
    throw new Error(`not ready in time:\n${(await docker('logs', '--tail', '20', id)).out}`);
  }
}

/** A Kubernetes command is Docker's entrypoint and its first arguments. */
function command({ command: words = [], args = [] }: Container): {
  entry: string | undefined;
  rest: string[];
} {
  return { entry: words[0], rest: [...words.slice(1), ...args] };
}

async function must(...args: string[]): Promise<string> {
  const { code, out } = await docker(...args);
  if (code !== 0) throw new Error(`docker ${args.slice(0, 2).join(' ')}: ${out}`);
  return out;
}
