import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, findTool } from '@rollcall/testkit';
import { type Acknowledged, domain, type Subscriber } from './subscribers.ts';

/** What SIPp counted, and who got a 200. */
export interface SippCounts {
  readonly successful: number;
  readonly failed: number;
  readonly retransmissions: number;
  readonly acknowledged: readonly Acknowledged[];
  /** SIPp's own words of what went wrong; empty where nothing did. */
  readonly errors: string;
}

const scenario = fileURLToPath(new URL('register.xml', import.meta.url));
/** A call that began is finished within the time of a transaction over UDP (RFC 3261 §17.1.2). */
const lastCallsMs = 40_000;

/** First registrations over UDP by SIPp, a generator that nobody here wrote: a subscriber each, from a socket each. */
export class SippLoad {
  readonly #folder = mkdtempSync(join(tmpdir(), 'rollcall-sipp-'));
  readonly #child: ChildProcess;

  private constructor(
    sipp: string,
    port: number,
    server: string,
    subscribers: readonly Subscriber[],
    perSec: number,
  ) {
    const rows = subscribers.map(
      ({ user, password }, index) =>
        `${user};[authentication username=${user} password=${password}];${10_000 + index}`,
    );
    writeFileSync(this.#file('subscribers.csv'), `SEQUENTIAL\n${rows.join('\n')}\n`);
    const args = [
      ...[server, '-sf', scenario, '-inf', this.#file('subscribers.csv'), '-key', 'domain', domain],
      ...['-m', String(subscribers.length), '-r', String(perSec), '-t', 'un', '-auth_uri', domain],
      ...['-i', '127.0.0.1', '-p', String(port)],
      ...[
        '-trace_stat',
        '-stf',
        this.#file('statistics.csv'),
        '-trace_err',
        '-error_file',
        this.#file('errors'),
      ],
      ...['-trace_logs', '-log_file', this.#file('log')],
      // A failed call ends; it does not go on with a BYE that nobody expects.
      ...['-default_behaviors', 'all,-bye', '-nostdin', '-skip_rlimit'],
    ];
    this.#child = spawn(sipp, args, { cwd: this.#folder, stdio: 'ignore' });
  }

  static async start(server: string, subscribers: readonly Subscriber[], perSec: number): Promise<SippLoad> {
    return new SippLoad(await findTool('sipp'), await findFreePort(), server, subscribers, perSec);
  }

  /** Lets the calls that have begun come to their end. */
  async stop(): Promise<SippCounts> {
    if (this.#child.exitCode === null) {
      const ended = once(this.#child, 'close');
      this.#child.kill('SIGUSR1');
      const late = setTimeout(() => this.#child.kill('SIGKILL'), lastCallsMs);
      await ended;
      clearTimeout(late);
    }
    const count = readStatistics(this.#read('statistics.csv'));
    const lines = this.#read('log').matchAll(/acknowledged (\S+) (\S+)/g);
    const counts = {
      successful: count('SuccessfulCall(C)'),
      failed: count('FailedCall(C)'),
      retransmissions: count('Retransmissions(C)'),
      acknowledged: [...lines].map(([, user, contact = '']) => ({
        aor: `sip:${user}@${domain}`,
        contacts: [contact],
      })),
      errors: this.#read('errors'),
    };
    rmSync(this.#folder, { recursive: true });
    return counts;
  }

  #file(name: string): string {
    return join(this.#folder, name);
  }

  #read(name: string): string {
    try {
      return readFileSync(this.#file(name), 'latin1');
    } catch {
      return '';
    }
  }
}

/** SIPp's statistics: names in the first row, the final counts in the last. */
function readStatistics(text: string): (name: string) => number {
  const [names = [], ...rows] = text
    .trim()
    .split('\n')
    .map((row) => row.split(';'));
  return (name) => Number(rows.at(-1)?.[names.indexOf(name)] ?? Number.NaN);
}
