import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type KubeObject, nameOf } from './rendered.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Where the models of a custom resource's group are; Kubernetes' own are in `kubernetes-models`. */
const customGroups: Readonly<Record<string, string>> = {
  'monitoring.coreos.com': '@kubernetes-models/prometheus-operator',
  'gateway.networking.k8s.io': '@kubernetes-models/gateway-api',
  'keda.sh': '@kubernetes-models/keda',
  'cert-manager.io': '@kubernetes-models/cert-manager',
  'grafana.integreatly.org': '@kubernetes-models/grafana-operator',
};

/** An object, and the example that it was rendered from. */
export interface RenderedObject {
  readonly example: string;
  readonly object: KubeObject;
}

interface Model {
  validate(): void;
}

/** What the models' validators, made of Kubernetes' OpenAPI and of the definitions of custom resources, say of an object. */
export async function findModelProblems(objects: readonly KubeObject[]): Promise<string[]> {
  const problems: string[] = [];
  for (const object of objects) {
    const { [object.kind]: Kind } = (await import(moduleOf(object))) as Record<
      string,
      new (
        data: KubeObject,
      ) => Model
    >;
    if (Kind === undefined) {
      problems.push(`${nameOf(object)}: ${object.apiVersion} has no ${object.kind}`);
      continue;
    }
    try {
      new Kind(object).validate();
    } catch (error) {
      problems.push(`${nameOf(object)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

/**
 * What the compiler says of the objects, each written as a literal of its type: the validators let fields through that
 * nobody knows, the compiler does not.
 */
export function findTypeProblems(all: readonly RenderedObject[]): string[] {
  const unlike = new Map(all.map((each) => [JSON.stringify(each.object), each]));
  const placed = [...unlike.values()];
  const kinds = [...new Map(placed.map(({ object }) => [typeOf(object), object])).entries()];
  const imports = kinds.map(
    ([type, object]) => `import type { I${object.kind} as ${type} } from '${moduleOf(object)}';`,
  );
  // One line for each, so that a line says which object is meant.
  const literals = placed.map(
    ({ object }, index) => `export const object${index}: ${typeOf(object)} = ${JSON.stringify(object)};`,
  );
  const folder = join(root, 'node_modules', '.cache', 'chart-types');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'objects.ts');
  writeFileSync(file, `${[...imports, ...literals].join('\n')}\n`);
  const done = spawnSync(
    join(root, 'node_modules', '.bin', 'tsc'),
    [
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--types',
      'node',
      '--pretty',
      'false',
      file,
    ],
    { cwd: root, encoding: 'utf8' },
  );
  if (done.error) throw done.error;
  if (done.status === 0) return [];
  return done.stdout.split('\n').flatMap((line) => {
    const match = /objects\.ts\((\d+),\d+\): error (.*)/.exec(line);
    if (match === null) return line.trim() === '' || line.startsWith(' ') ? [] : [line];
    const found = placed[Number(match[1]) - 1 - imports.length];
    return [`${found?.example}: ${found === undefined ? '' : nameOf(found.object)}: ${match[2]}`];
  });
}

function moduleOf({ apiVersion }: KubeObject): string {
  const [group = ''] = apiVersion.split('/');
  return `${customGroups[group] ?? 'kubernetes-models'}/${apiVersion}`;
}

function typeOf({ apiVersion, kind }: KubeObject): string {
  return `${kind}_${apiVersion.replaceAll(/\W/g, '_')}`;
}
