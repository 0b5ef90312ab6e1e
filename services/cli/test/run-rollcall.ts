import { systemClock } from '@rollcall/runtime';
import { type ExitCode, readCliConfig, runCli } from '../src/index.ts';

/** How one run of the command ended. */
export interface Run {
  readonly exitCode: ExitCode;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs the command in this process.
 *
 * @param args as typed after "rollcall"
 * @param env the environment; nothing of the test's own
 * @param stop ends commands that run on when it settles, as SIGTERM would
 */
export async function runRollcall(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  stop: Promise<void> = Promise.resolve(),
): Promise<Run> {
  let out = '';
  let err = '';
  const exitCode = await runCli(args, {
    config: readCliConfig(env),
    environment: env,
    clock: systemClock,
    out: { write: (text) => (out += text) },
    err: { write: (text) => (err += text) },
    colour: false,
    untilStopped: () => stop,
  });
  return { exitCode, out, err };
}
