import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The repository's root, from wherever a check is started. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Runs a tool of node_modules and returns what it printed; a failing tool ends the check with its own output. */
export function runTool(command: string, ...args: string[]): string {
  const done = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    process.stdout.write(done.stdout);
    process.stderr.write(done.stderr);
    console.error(`failed: ${[command, ...args].join(' ')} (exit ${done.status ?? done.signal})`);
    process.exit(1);
  }
  return done.stdout;
}
