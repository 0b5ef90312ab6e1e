/** Writes what is made from src/: rules, their tests and dashboards. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderFiles } from './render-files.ts';

const folder = join(import.meta.dirname, '..');
const files = renderFiles();
for (const [path, text] of Object.entries(files)) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
console.log(`monitoring: ${Object.keys(files).length} files written`);
