import { spawnSync } from 'node:child_process';
import { goProgram, hasGo, helmUnittest, kubeconform } from './go-tools.ts';
import { chartFolder } from './helm.ts';
import type { RenderedObject } from './model-rules.ts';
import { kindsWithoutSchema, writeObjectSchemas } from './object-schemas.ts';
import { nameOf } from './rendered.ts';

/** What the checks with programs in Go found, or why they were left out. */
export interface FullResult {
  readonly problems: readonly string[];
  /** One line for people. */
  readonly said: string;
}

/** kubeconform over all objects and helm-unittest over the chart's suites: `--full`, since building both takes minutes once. */
export function checkWithGo(objects: readonly RenderedObject[]): FullResult {
  if (!hasGo())
    return {
      problems: [],
      said: 'kubeconform and helm-unittest: left out, there is no Go to build them with',
    };
  const unlike = new Map(objects.map((each) => [JSON.stringify(each.object), each]));
  const conform = runKubeconform([...unlike.values()]);
  const suites = run(goProgram(helmUnittest), ['--strict', chartFolder]);
  const counted = /Tests:\s+(.*)/.exec(suites.out)?.[1] ?? 'none';
  const problems = [...conform, ...(suites.good ? [] : [suites.out])];
  return {
    problems,
    said: `kubeconform: ${unlike.size} objects, but for ${kindsWithoutSchema.join(', ')}; helm-unittest: ${counted}`,
  };
}

function runKubeconform(objects: readonly RenderedObject[]): string[] {
  const schemas = writeObjectSchemas();
  const input = objects.map(({ object }) => JSON.stringify(object)).join('\n---\n');
  const { good, out } = run(
    goProgram(kubeconform),
    ['-strict', '-output', 'json', '-schema-location', schemas, '-skip', kindsWithoutSchema.join(',')],
    input,
  );
  if (good) return [];
  const { resources } = JSON.parse(out) as {
    resources: { kind: string; name: string; msg: string }[];
  };
  return resources.map(({ kind, name, msg }) => {
    const found = objects.find(({ object }) => nameOf(object) === `${kind}/${name}`);
    return `${found?.example ?? ''}: ${kind}/${name}: ${msg}`;
  });
}

function run(program: string, args: string[], input = ''): { good: boolean; out: string } {
  const done = spawnSync(program, args, { encoding: 'utf8', input, maxBuffer: 1 << 26 });
  if (done.error) throw done.error;
  return { good: done.status === 0, out: `${done.stdout}${done.stderr}` };
}
