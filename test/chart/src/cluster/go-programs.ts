import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

const kubernetesVersion = '1.34.4';
const coreDnsVersion = '1.12.4';

/** Outside the repository: building them takes a quarter of an hour on two cores, once. */
export const cacheFolder = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'rollcall',
  `kubernetes-${kubernetesVersion}`,
);

const kubernetesPrograms = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
] as const;
/** What a cluster of one node needs of programs written in Go. */
export type GoProgram = (typeof kubernetesPrograms)[number] | 'coredns';

/** Builds what is not in the cache yet, from the sources that the Go module proxy has. */
export function buildPrograms(): void {
  mkdirSync(cacheFolder, { recursive: true });
  const missing = [...kubernetesPrograms, 'coredns' as const].filter(
    (name) => !existsSync(programPath(name)),
  );
  if (missing.length === 0) return;
  const { status } = spawnSync('go', ['version'], { stdio: 'ignore' });
  if (status !== 0)
    throw new Error(
      `building ${missing.join(', ')} needs Go (https://go.dev/dl/) on PATH; nothing else does`,
    );
  for (const name of missing) {
    console.log(`building ${name}, once; it may take minutes …`);
    if (name === 'coredns') buildCoreDns();
    else buildKubernetes(name);
  }
}

export function programPath(name: GoProgram): string {
  return join(cacheFolder, name);
}

function buildKubernetes(name: string): void {
  const folder = join(cacheFolder, 'kubernetes-module');
  if (!existsSync(join(folder, 'go.sum'))) {
    // Kubernetes' own modules are published one by one; its go.mod has them as folders, which the proxy does not.
    const module = `k8s.io/kubernetes@v${kubernetesVersion}`;
    const imports = kubernetesPrograms.map((each) => `k8s.io/kubernetes/cmd/${each}`);
    makeModule(folder, imports);
    const downloaded = JSON.parse(go(folder, 'mod', 'download', '-json', module)) as { GoMod: string };
    const staged = readFileSync(downloaded.GoMod, 'utf8').matchAll(/^\s*(k8s\.io\/\S+) => \.\/staging/gm);
    const replaces = [...staged].map(
      ([, each]) => `-replace=${each}=${each}@v0${kubernetesVersion.slice(1)}`,
    );
    go(folder, 'mod', 'edit', '-godebug=default=go1.24', `-require=${module}`, ...replaces);
    go(folder, 'mod', 'tidy');
  }
  const [major, minor] = kubernetesVersion.split('.');
  const version = 'k8s.io/component-base/version';
  const names = `-X ${version}.gitVersion=v${kubernetesVersion} -X ${version}.gitMajor=${major} -X ${version}.gitMinor=${minor}`;
  build(folder, name, `k8s.io/kubernetes/cmd/${name}`, names);
}

function buildCoreDns(): void {
  const folder = join(cacheFolder, 'coredns-module');
  if (!existsSync(join(folder, 'go.sum'))) {
    makeModule(folder, ['github.com/coredns/coredns']);
    go(folder, 'mod', 'edit', `-require=github.com/coredns/coredns@v${coreDnsVersion}`);
    go(folder, 'mod', 'tidy');
  }
  build(folder, 'coredns', 'github.com/coredns/coredns', '');
}

function makeModule(folder: string, imports: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'go.mod'), 'module check\n\ngo 1.24.0\n');
  const lines = imports.map((each) => `import _ "${each}"\n`).join('');
  writeFileSync(join(folder, 'tools.go'), `//go:build tools\n\npackage check\n\n${lines}`);
}

function build(folder: string, name: GoProgram | string, path: string, names: string): void {
  go(folder, 'build', '-trimpath', '-ldflags', `-s -w ${names}`, '-o', name, path);
  // Only what is whole is in the cache.
  copyFileSync(join(folder, name), join(cacheFolder, name));
}

function go(folder: string, ...args: string[]): string {
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod -p=2 -buildvcs=false' };
  const done = spawnSync('nice', ['go', ...args], { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (done.status !== 0) throw new Error(`go ${args[0]} ${args[1]}: ${done.stderr}`);
  return done.stdout;
}
