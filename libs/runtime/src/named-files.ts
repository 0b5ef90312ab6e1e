import { readFileSync } from 'node:fs';
import type { ConfigProblem } from './config-error.ts';

/** The text of the file that a variable names; undefined where it cannot be read, with the problem noted. */
export function readNamedFile(variable: string, path: string, problems: ConfigProblem[]): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    problems.push({ variable, value: path, problem: `must name a readable file (${reason})` });
    return undefined;
  }
}

/** Notes why what files hold cannot be used, where `check` throws. @param value what the variable names */
export function noteUnusable(
  problems: ConfigProblem[],
  variable: string,
  value: string,
  check: () => void,
): void {
  try {
    check();
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    problems.push({ variable, value, problem: `cannot be used: ${problem}` });
  }
}
