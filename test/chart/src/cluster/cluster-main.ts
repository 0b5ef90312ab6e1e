/**
 * Installs the chart on a real Kubernetes control plane, and runs it on a real node: `npm run images && npm run chart:cluster`.
 * `-- --examples` does only what the control plane alone can show, `-- --node` only what needs a node.
 *
 * Needs Linux, root, a Docker engine, SIPp, some packages of Debian, and, the first time, Go.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { readScriptOptions } from '@rollcall/testkit';
import { admitExamples } from './admission.ts';
import { ControlPlane } from './control-plane.ts';
import { requireDebianParts } from './debian-parts.ts';
import { buildPrograms } from './go-programs.ts';
import { ClusterNode } from './node.ts';
import { runRelease } from './release.ts';

const options = readScriptOptions({
  options: { examples: { type: 'boolean', default: false }, node: { type: 'boolean', default: false } },
});
requireDebianParts();
buildPrograms();
const startedAtMs = performance.now();
// A short path: a Unix socket's name has room for a hundred characters.
const folder = mkdtempSync(join(tmpdir(), 'rc-cluster-'));
const plane = new ControlPlane(folder);
const node = new ClusterNode(plane);
const problems: string[] = [];
try {
  await plane.start();
  say(
    `a control plane runs: ${plane.kubectl('get', '--raw', '/version').out.match(/"gitVersion": "(.*?)"/)?.[1]}`,
  );
  process.env.KUBECONFIG = plane.kubeconfig('admin');
  if (wants('examples')) problems.push(...admitExamples(plane));
  if (wants('node')) await runOnNode();
} catch (error) {
  problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
} finally {
  await node.removePods();
  await plane.stop();
  node.close();
  if (problems.length === 0) rmSync(folder, { recursive: true, force: true });
  else console.error(`the words of all programs are in ${folder}`);
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
say(
  'chart: admitted, and where there was a node installed, tested, rolled and upgraded; nothing acknowledged was lost',
);
process.exit(0);

function say(text: string): void {
  console.log(`${((performance.now() - startedAtMs) / 1000).toFixed(0).padStart(4)} s  ${text}`);
}

/** Both parts unless one is asked for. */
function wants(part: 'examples' | 'node'): boolean {
  return options[part] || !(options.examples || options.node);
}

async function runOnNode(): Promise<void> {
  await node.start();
  say('a node is ready');
  node.importImages(
    ...['edge', 'registrar', 'auth', 'location', 'redirect', 'rollcall'].map(
      (name) => `rollcall/${name}:0.1.0`,
    ),
    'redis:7-alpine',
  );
  say('it has the images');
  problems.push(...(await runRelease(plane)));
}
