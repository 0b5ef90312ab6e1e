/**
 * The generated references: docs/configuration.md, docs/errors.md and docs/metrics.md. `--write` writes them; without it they are
 * compared with what the code says now.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderConfiguration } from './configuration-reference.ts';
import { renderErrors } from './errors-reference.ts';
import { renderMetrics } from './metrics-reference.ts';
import { root } from './run.ts';

const references = {
  'docs/configuration.md': renderConfiguration,
  'docs/errors.md': renderErrors,
  'docs/metrics.md': renderMetrics,
};

let differing = 0;
for (const [path, render] of Object.entries(references)) {
  const file = join(root, path);
  const expected = await render();
  if (process.argv.includes('--write')) {
    writeFileSync(file, expected);
  } else if (readFileSync(file, 'utf8') !== expected) {
    differing += 1;
    console.error(`${path} is not what the code says; run "npm run docs" and commit`);
  }
}
if (differing > 0) process.exit(1);
console.log(`references: ${Object.keys(references).join(', ')} say what the code says`);
