import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, findTool } from '@rollcall/testkit';
import { domain, formatInjection, type Phone } from './phones.ts';
import { makeScratchFolder } from './scratch-folder.ts';

/** What SIPp is to do. */
export interface SippRun {
  readonly scenario: 'register' | 'remove' | 'redirect' | 'wrong-password' | 'watch';
  readonly server: { readonly host: string; readonly port: number };
  readonly transport: 'udp' | 'tcp';
  /** Over TCP: whether each phone has a connection of its own, or all share one as behind a trunk; default false. */
  readonly ownConnections?: boolean;
  /** One call for each. */
  readonly phones: readonly Phone[];
  readonly callsPerSec: number;
  /** Requested lifetime of bindings. */
  readonly expiresSec?: number;
  /** First CSeq of each call: higher than before makes a later run a refresh. */
  readonly firstCseq?: number;
}

/** What came of it, by SIPp's own count. */
export interface SippResult {
  /** 0 only where each call went by the scenario. */
  readonly exitCode: number;
  readonly successful: number;
  readonly failed: number;
  /** Requests that SIPp had to send again. */
  readonly retransmissions: number;
  /** Errors in SIPp's words; empty where all is well. */
  readonly errors: string;
}

/** A call takes milliseconds: one that is not through by then is lost. */
const overallTimeoutSec = 60;

/** Runs a scenario of test/e2e/sipp and waits for its end. */
export async function runSipp(run: SippRun): Promise<SippResult> {
  const sipp = await findTool('sipp');
  const folder = await makeScratchFolder();
  try {
    const { host, port } = run.server;
    const file = (name: string) => join(folder.path, name);
    const args = [
      `${host}:${port}`,
      ...['-sf', fileURLToPath(new URL(`../sipp/${run.scenario}.xml`, import.meta.url))],
      ...['-inf', await folder.write('phones.csv', formatInjection(run.phones))],
      ...['-m', String(run.phones.length), '-r', String(run.callsPerSec)],
      ...['-t', run.transport === 'udp' ? 'u1' : run.ownConnections === true ? 'tn' : 't1'],
      ...['-i', '127.0.0.1', '-p', String(await findFreePort())],
      ...['-key', 'domain', domain, '-key', 'expires', String(run.expiresSec ?? 600)],
      // The uri parameter of the credentials; SIPp would put the server's address there.
      ...['-auth_uri', domain],
      // The same Call-ID for the same phone in each run, as a phone does it.
      ...['-cid_str', `%u-${run.transport}@sipp.test`, '-base_cseq', String(run.firstCseq ?? 1)],
      ...['-timeout', String(overallTimeoutSec), '-timeout_error'],
      ...['-trace_stat', '-stf', file('statistics.csv'), '-trace_err', '-error_file', file('errors')],
      // A failed call ends; it does not go on with a BYE that nobody expects.
      ...['-default_behaviors', 'all,-bye', '-nostdin', '-skip_rlimit'],
    ];
    const child = spawn(sipp, args, { cwd: folder.path, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      stderr += text;
    });
    const [exitCode] = (await once(child, 'close')) as [number | null];
    const count = readStatistics(await readFile(file('statistics.csv'), 'latin1').catch(() => ''));
    return {
      exitCode: exitCode ?? -1,
      successful: count('SuccessfulCall(C)'),
      failed: count('FailedCall(C)'),
      retransmissions: count('Retransmissions(C)'),
      errors: await readFile(file('errors'), 'latin1').catch(() => (exitCode === 0 ? '' : stderr)),
    };
  } finally {
    await folder.remove();
  }
}

/** Reads SIPp's statistics: names in the first row, the final counts in the last; -1 for what is not there. */
function readStatistics(text: string): (name: string) => number {
  const rows = text.trim().split('\n');
  const names = rows[0]?.split(';') ?? [];
  const values = rows.at(-1)?.split(';') ?? [];
  return (name) => {
    const value = values[names.indexOf(name)];
    return value === undefined || value === name ? -1 : Number(value);
  };
}
