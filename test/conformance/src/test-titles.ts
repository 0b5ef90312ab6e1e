import { glob, readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const places = [
  'libs/*/src/**/*.test.ts',
  '{libs,services}/*/test/**/*.ts',
  'services/*/src/**/*.test.ts',
  'test/e2e/**/*.ts',
  'test/chart/src/*.ts',
];

/** The beginning of a quoted text that is a list of row IDs before a colon: 'M1, M2: …'. */
const listed = /['"`]((?:[A-Za-z][A-Za-z0-9.-]*)(?:, [A-Za-z][A-Za-z0-9.-]*)*): /g;
/** A cell of a table of cases: id: 'TT-wsinv', or a quoted ID that begins a tuple. */
const cell = /(?:\bid: |\brow: |\[)['"`]([A-Za-z][A-Za-z0-9.-]*)['"`]/g;

/** The test files of libraries and services whose titles carry each row's ID. */
export async function findTestedRows(ids: ReadonlySet<string>): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const path of glob(places, { cwd: root, exclude: (name) => name === 'node_modules' })) {
    const text = await readFile(`${root}${path}`, 'utf8');
    for (const id of rowsNamedIn(text, ids)) {
      const files = found.get(id) ?? [];
      files.push(relative(root, `${root}${path}`));
      found.set(id, files);
    }
  }
  for (const files of found.values()) files.sort();
  return found;
}

/** The rows that a test's source names, each once. */
export function rowsNamedIn(source: string, ids: ReadonlySet<string>): Set<string> {
  const named = new Set<string>();
  for (const [, list = ''] of source.matchAll(listed)) {
    const each = list.split(', ');
    // All of a list, or none: 'C1, whatever: …' is no list of rows.
    if (each.every((id) => ids.has(id))) for (const id of each) named.add(id);
  }
  for (const [, id = ''] of source.matchAll(cell)) if (ids.has(id)) named.add(id);
  return named;
}
