import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const folder = fileURLToPath(new URL('../../../deploy/monitoring/', import.meta.url));

/** Rules and dashboards, by their path below deploy/monitoring and below the chart's files/: helm reads no file outside of its chart. */
export function monitoringFiles(): Record<string, string> {
  const paths = ['rules', 'dashboards'].flatMap((each) =>
    readdirSync(join(folder, each))
      .sort()
      .map((name) => `${each}/${name}`),
  );
  return Object.fromEntries(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

/** The names of all alerts. */
export function alertNames(): string[] {
  interface RuleFile {
    readonly groups: readonly { readonly rules: readonly { readonly alert?: string }[] }[];
  }
  const names = Object.entries(monitoringFiles())
    .filter(([path]) => path.startsWith('rules/'))
    .flatMap(([, text]) => (parse(text) as RuleFile).groups)
    .flatMap(({ rules }) => rules.flatMap(({ alert }) => (alert === undefined ? [] : [alert])));
  return [...new Set(names)];
}
