import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const killAfterMs = 15_000;

/** A program that runs as long as the cluster, with its words in a file. */
export class Daemon {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #log: string;

  constructor(name: string, program: string, args: readonly string[], log: string) {
    this.name = name;
    this.#log = log;
    const out = openSync(log, 'w');
    this.#child = spawn(program, args, { stdio: ['ignore', out, out] });
    this.#child.on('error', () => undefined);
    closeSync(out);
  }

  /** Waits until `holds` says so. @throws Error with the program's last words where it ends, or does not get there in time */
  async until(what: string, timeoutMs: number, holds: () => Promise<boolean>): Promise<void> {
    const endAtMs = performance.now() + timeoutMs;
    while (!(await holds().catch(() => false))) {
      const ended = this.#child.exitCode !== null || this.#child.signalCode !== null;
      if (ended || performance.now() > endAtMs)
        throw new Error(`${this.name}: ${what}: ${ended ? 'it ended' : 'not in time'}\n${this.lastWords}`);
      await sleep(250);
    }
  }

  get lastWords(): string {
    return readFileSync(this.#log, 'utf8').split('\n').slice(-15).join('\n');
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), killAfterMs);
    await ended;
    clearTimeout(late);
  }
}
