import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** Outside of the repository: what is built once serves every working tree. */
const cache = process.env.ROLLCALL_CHART_CACHE ?? join(homedir(), '.cache', 'rollcall-chart');

/** A program that is had as source from the Go module proxy. */
interface GoProgram {
  readonly name: string;
  /** Module and version. */
  readonly module: string;
  /** Its package within the module. */
  readonly path: string;
  /** Variable that names one which is there already. */
  readonly variable: string;
}

/** Validates objects against JSON schemas, fields that nobody knows included. */
export const kubeconform: GoProgram = {
  name: 'kubeconform',
  module: 'github.com/yannh/kubeconform@v0.7.0',
  path: './cmd/kubeconform',
  variable: 'KUBECONFORM',
};

/** Runs the chart's own suites, helm/rollcall/tests. */
export const helmUnittest: GoProgram = {
  name: 'helm-unittest',
  module: 'github.com/helm-unittest/helm-unittest@v1.1.2',
  path: './cmd/helm-unittest',
  variable: 'HELM_UNITTEST',
};

/** Whether programs can be built here. */
export function hasGo(): boolean {
  return spawnSync('go', ['version']).status === 0;
}

/** The program, built when it is not there yet, which takes minutes. */
export function goProgram(program: GoProgram): string {
  const given = process.env[program.variable];
  if (given !== undefined) return given;
  const target = join(cache, program.module.replaceAll(/[^\w.@-]/g, '_'));
  if (existsSync(target)) return target;
  console.error(`building ${program.module}; it stays in ${cache}`);
  // From a copy of its source, as its authors build it: `go install` refuses modules that replace others.
  const source = join(cache, `source-${program.name}`);
  rmSync(source, { recursive: true, force: true });
  mkdirSync(cache, { recursive: true });
  cpSync(goModule(program.module), source, { recursive: true });
  makeWritable(source);
  go(source, 'build', '-o', target, program.path);
  rmSync(source, { recursive: true });
  return target;
}

/** The folder of a module's source, fetched when it is not there yet. */
export function goModule(module: string): string {
  return (JSON.parse(go('.', 'mod', 'download', '-json', module)) as { Dir: string }).Dir;
}

/** A folder of the cache for what is made of modules. */
export function cacheFolder(name: string): string {
  const folder = join(cache, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function go(folder: string, ...args: string[]): string {
  const done = spawnSync('go', args, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`go ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

/** Go keeps its copy read-only. */
function makeWritable(path: string): void {
  const folder = statSync(path).isDirectory();
  chmodSync(path, folder ? 0o755 : 0o644);
  if (folder) for (const name of readdirSync(path)) makeWritable(join(path, name));
}
