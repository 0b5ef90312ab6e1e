import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { LineLog } from './line-log.ts';

/** The root of the repository. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** A program of the repository while it runs. */
export interface RunningProgram {
  readonly pid: number;
  readonly stdout: LineLog;
  readonly stderr: LineLog;
  kill(signal: NodeJS.Signals): void;
  /** Resolves to the exit code once it has ended and all of its output has been read. */
  readonly ended: Promise<number | null>;
}

/**
 * Starts a program from its sources.
 *
 * @param main its path from the root, for example "services/edge/src/main.ts"
 * @param env its variables, beside PATH and HOME
 */
export function runProgram(
  main: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[] = [],
): RunningProgram {
  return run(process.execPath, ['--conditions=rollcall-source', `${root}${main}`, ...args], env);
}

/** Starts a script of the root package.json as a person does, by npm; signals go to npm. */
export function runScript(script: string, env: Readonly<Record<string, string>>): RunningProgram {
  return run('npm', ['run', script], env);
}

function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningProgram {
  const { PATH = '', HOME = '' } = process.env;
  const child: ChildProcess = spawn(command, args, {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [new LineLog(), new LineLog()];
  if (child.stdout !== null) createInterface({ input: child.stdout }).on('line', (line) => stdout.add(line));
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => stderr.add(line));
  return {
    pid: child.pid ?? 0,
    stdout,
    stderr,
    kill: (signal) => {
      child.kill(signal);
    },
    ended: once(child, 'close').then(([code]) => code as number | null),
  };
}
