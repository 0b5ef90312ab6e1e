import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RenderedObject } from './model-rules.ts';
import { type KubeObject, nameOf } from './rendered.ts';

/** What the last release could not change in objects that are installed, by example and object. */
const file = join(fileURLToPath(new URL('../', import.meta.url)), 'released.json');

/** Finds what the API server would refuse to change in an upgrade from the last release. */
export function findReleaseProblems(all: readonly RenderedObject[]): string[] {
  if (!existsSync(file))
    return ['test/chart/released.json is not there; npm run chart:check -- --release writes it'];
  const before = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return Object.entries(immutableParts(all))
    .filter(([key, part]) => key in before && JSON.stringify(before[key]) !== JSON.stringify(part))
    .map(
      ([key, part]) =>
        `${key}: was ${JSON.stringify(before[key])} in the last release and cannot become ${JSON.stringify(part)} in an upgrade`,
    );
}

/** Writes them down, when a release is made. */
export function writeRelease(all: readonly RenderedObject[]): void {
  writeFileSync(file, `${JSON.stringify(immutableParts(all), undefined, 2)}\n`);
}

function immutableParts(all: readonly RenderedObject[]): Record<string, unknown> {
  return Object.fromEntries(
    all.flatMap(({ example, object }) => {
      const part = immutablePart(object);
      return part === undefined ? [] : [[`${example}: ${nameOf(object)}`, part]];
    }),
  );
}

function immutablePart({ kind, spec }: KubeObject): unknown {
  if (kind === 'Deployment' || kind === 'DaemonSet') return spec?.selector;
  return kind === 'Service' ? { clusterIP: spec?.clusterIP ?? 'of the cluster' } : undefined;
}

/** Two releases in one namespace must not meet: neither in a name nor in a selector. */
export function findSharedParts(one: readonly KubeObject[], other: readonly KubeObject[]): string[] {
  const names = new Set(one.map(nameOf));
  const shared = other.map(nameOf).filter((name) => names.has(name));
  const selectors = new Set(one.map(selectorText));
  const met = other.filter((object) => selectorText(object) !== '' && selectors.has(selectorText(object)));
  return [
    ...shared.map((name) => `two releases have ${name} both`),
    ...met.map((object) => `two releases select the same pods by ${nameOf(object)}`),
  ];
}

/** '' where it selects nothing. */
function selectorText({ spec }: KubeObject): string {
  const selector = spec?.selector ?? spec?.podSelector;
  return selector === undefined ? '' : JSON.stringify(selector);
}
