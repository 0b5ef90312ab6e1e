import { globSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './run.ts';

/** Hand-written sources of libraries and services, as paths from the root; no tests, no generated code. */
export function sourceFiles(): string[] {
  return globSync('{libs,services}/*/src/**/*.ts', {
    cwd: root,
    exclude: (name) => name === 'gen' || name === 'node_modules',
  })
    .filter((path) => !path.endsWith('.test.ts') && !path.includes(join('rpc', 'src', 'gen')))
    .sort();
}
