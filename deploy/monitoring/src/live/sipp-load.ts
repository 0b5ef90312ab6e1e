import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findFreePort, findTool } from '@rollcall/testkit';
import { sippPhones } from './subscribers.ts';

/** Where the scenarios are that the end-to-end tests have proved. */
const scenarios = join(import.meta.dirname, '../../../../test/e2e/sipp');

/** SIPp at work. */
export interface RunningLoad {
  stop(): Promise<void>;
}

/**
 * Has SIPp run a scenario again and again until it is stopped; failures do not end it.
 *
 * @param scenario a file of test/e2e/sipp @param password every phone's, where it is not to be the right one
 */
export async function startSipp(options: {
  scenario: 'register' | 'wrong-password';
  folder: string;
  server: { host: string; port: number };
  callsPerSec: number;
  password?: string;
  /** Where the phones are; default 127.0.0.1. */
  from?: string;
}): Promise<RunningLoad> {
  const { scenario, folder, server, callsPerSec, password, from = '127.0.0.1' } = options;
  const port = await findFreePort();
  const phones = join(folder, `phones-${port}.csv`);
  const rows = sippPhones.map(
    ({ user, password: own }) =>
      `${user};[authentication username=${user} password=${password ?? own}];${port}`,
  );
  writeFileSync(phones, `SEQUENTIAL\n${rows.join('\n')}\n`);
  const child: ChildProcess = spawn(
    await findTool('sipp'),
    [
      `${server.host}:${server.port}`,
      ...['-sf', join(scenarios, `${scenario}.xml`), '-inf', phones],
      ...['-r', String(callsPerSec), '-l', '2000', '-t', 'u1', '-i', from, '-p', String(port)],
      ...['-key', 'domain', 'example.com', '-key', 'expires', '120', '-auth_uri', 'example.com'],
      ...['-default_behaviors', 'all,-bye', '-nostdin', '-skip_rlimit', '-recv_timeout', '5000'],
    ],
    { cwd: folder, stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  return {
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGKILL');
      await ended;
    },
  };
}
