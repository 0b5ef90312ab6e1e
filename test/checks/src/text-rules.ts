import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from './run.ts';

interface TextRule {
  readonly pattern: RegExp;
  readonly allowedIn: (path: string) => boolean;
  readonly reason: string;
}

const clockOwners = /^libs\/((runtime|transport|testkit)\/|client\/src\/client-clock\.ts$)/;

/** Rules that no import shows. */
const rules: readonly TextRule[] = [
  {
    pattern: /\bprocess\.env\b/,
    allowedIn: (path) => basename(path) === 'config.ts' || path.startsWith('libs/testkit/'),
    reason: 'process.env is read in config.ts only',
  },
  {
    pattern: /\b(Date\.now\(|new Date\(\)|setTimeout\(|setInterval\(|performance\.now\()/,
    allowedIn: (path) => clockOwners.test(path),
    reason: 'time comes through a Clock',
  },
];

const longestFile = 400;

/** Says which files break a rule, one line each. */
export function findTextViolations(paths: readonly string[]): string[] {
  const found: string[] = [];
  for (const path of paths) {
    const lines = readFileSync(join(root, path), 'utf8').split('\n');
    if (lines.length - 1 > longestFile)
      found.push(`${path}: ${lines.length - 1} lines; ${longestFile} at most`);
    lines.forEach((line, index) => {
      const code = line.replace(/^\s*(\/\/|\*|\/\*).*$/, '');
      for (const rule of rules) {
        if (rule.pattern.test(code) && !rule.allowedIn(path))
          found.push(`${path}:${index + 1}: ${rule.reason}`);
      }
    });
  }
  return found;
}
