import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject, Workload } from './rendered.ts';

/** Contents of Secrets: name, key, text. */
export type SecretContents = Readonly<Record<string, Readonly<Record<string, string>>>>;

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

/** The Secrets that a release brings itself. */
export function renderedSecrets(objects: readonly KubeObject[]): SecretContents {
  const secrets = objects.filter(({ kind }) => kind === 'Secret');
  return Object.fromEntries(
    secrets.map((object) => [
      object.metadata.name,
      (object as { stringData?: Record<string, string> }).stringData ?? {},
    ]),
  );
}

/**
 * Writes the files of a secret or projected volume.
 *
 * @returns the folder to be mounted; undefined for other kinds of volume
 */
export function layOutVolume(
  root: string,
  { object, pod }: Workload,
  name: string,
  secrets: SecretContents,
): string | undefined {
  const volume = pod.volumes?.find((each) => each.name === name) as
    | (Source & { readonly projected?: { readonly sources: readonly Source[] } })
    | undefined;
  const sources = volume?.projected?.sources ?? (volume?.secret === undefined ? [] : [volume]);
  if (sources.length === 0) return undefined;
  const parent = join(root, object.metadata.name);
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  for (const { secret } of sources) {
    const contents = secrets[secret?.name ?? secret?.secretName ?? ''] ?? {};
    const items = secret?.items ?? Object.keys(contents).map((key) => ({ key, path: key }));
    for (const { key, path } of items) writeFileSync(join(folder, path), contents[key] ?? '');
  }
  for (const each of [root, parent, folder]) chmodSync(each, 0o755);
  return folder;
}
