import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { dieWithUs } from './die-with-us.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** A program that is not ready by then does not become so: noisy machines included. */
const readyTimeoutMs = 60_000;
const pollMs = 25;
/** Longer than any program's own deadline for its stop. */
const stopTimeoutMs = 30_000;
/** Output kept for a message about a failure. */
const keptLines = 400;

/** What to start. */
export interface ProgramOptions {
  /** For messages, and the folder under services/. */
  readonly name: string;
  /** Complete environment of the process, beside PATH and HOME. */
  readonly env: Readonly<Record<string, string>>;
  /** "host:port" of its HTTP server, where /readyz is asked. */
  readonly http: string;
  /** Called for each line that it writes, to either output. */
  readonly onLine?: (line: string) => void;
}

/** One service process. */
export class Program {
  readonly name: string;
  readonly #options: ProgramOptions;
  readonly #lines: string[] = [];
  #process: ChildProcess | undefined;

  constructor(options: ProgramOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Everything written so far, the newest lines only. */
  get output(): string {
    return this.#lines.join('\n');
  }

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /**
   * Starts the process and waits until /readyz answers 200.
   *
   * @throws Error with the program's own output, where it ends or stays unready
   */
  async start(): Promise<void> {
    const child = spawnService(this.#options.name, this.#options.env);
    this.#process = child;
    dieWithUs(child);
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => this.#keep(line));
    }
    const ended = once(child, 'exit').then(([code, signal]) => {
      if (this.#process === child) this.#process = undefined;
      return `ended with ${signal ?? `exit code ${code}`}`;
    });
    const problem = await Promise.race([ended, this.#untilReady()]);
    if (problem !== undefined) {
      await this.kill('SIGKILL');
      throw new Error(`${this.name} ${problem}\n${this.output}`);
    }
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Stops in order; a program that does not stop is killed, which is an error. */
  async stop(): Promise<void> {
    const late = setTimeout(() => {
      this.#keep(`${this.name} did not stop within ${stopTimeoutMs} ms and was killed`);
      this.#process?.kill('SIGKILL');
    }, stopTimeoutMs);
    await this.kill('SIGTERM');
    clearTimeout(late);
  }

  /** Starts it again, with the same environment. */
  async restart(): Promise<void> {
    await this.kill('SIGTERM');
    await this.start();
  }

  #keep(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > keptLines) this.#lines.shift();
    this.#options.onLine?.(line);
  }

  /** Undefined once ready, else what is wrong. */
  async #untilReady(): Promise<string | undefined> {
    const lastAtMs = Date.now() + readyTimeoutMs;
    let answer = 'no answer';
    while (this.#process !== undefined && Date.now() < lastAtMs) {
      try {
        const response = await fetch(`http://${this.#options.http}/readyz`, {
          signal: AbortSignal.timeout(2000),
        });
        if (response.status === 200) return undefined;
        answer = await response.text();
      } catch {
        // Not listening yet.
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return `was not ready within ${readyTimeoutMs} ms: ${answer}`;
  }
}

/** Starts a service from its sources, in a process group of its own, so that Ctrl-C reaches the starter alone. */
function spawnService(name: string, env: Readonly<Record<string, string>>): ChildProcess {
  const main = `${root}services/${name}/src/main.ts`;
  const { PATH = '', HOME = '' } = process.env;
  return spawn(process.execPath, ['--conditions=rollcall-source', main], {
    cwd: root,
    // Starting from sources is twice as fast when the stripped text is kept.
    env: { PATH, HOME, NODE_COMPILE_CACHE: `${root}node_modules/.cache/compile`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}
