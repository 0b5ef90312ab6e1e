import { ConfigError, configExitCode } from './config-error.ts';
import { ListenError } from './listening.ts';
import type { Logger } from './logger.ts';

/** One step of an orderly stop. */
export interface StopStep {
  /** For the log, as "stopping: …". */
  readonly name: string;
  run(): Promise<void> | void;
}

/** A program that runs. */
export interface Stoppable {
  readonly logger: Logger;
  /** Run one after the other when the program is told to stop; one that fails is logged, and the next one runs. */
  readonly stopSteps: readonly StopStep[];
  /** How long all steps together may take in milliseconds before the process ends all the same; default 25 s. */
  readonly stopTimeoutMs?: number;
}

/** Less than the 30 s that Kubernetes waits by default. */
const defaultStopTimeoutMs = 25_000;

const usageExitCode = 2;

/**
 * Runs a program until SIGTERM or SIGINT, and ends the process: 0 after an orderly stop, 78 for a wrong configuration,
 * 2 for arguments, which no program takes, 1 for everything else. A second signal ends it at once.
 *
 * @param name the program's name, for messages
 * @param start brings everything up; its signal is aborted where the program is told to stop meanwhile: then it waits for nobody
 *   any more, returns, and is stopped
 */
export function runProgram(name: string, start: (stopping: AbortSignal) => Promise<Stoppable>): void {
  const [argument] = process.argv.slice(2);
  if (argument !== undefined) {
    const advice = `variables of the environment configure it: docs/configuration.md, \`rollcall config ${name}\``;
    process.stderr.write(`${name}: takes no arguments such as ${argument}; ${advice}\n`);
    process.exit(usageExitCode);
  }
  const program = new Program(name);
  program.listen();
  start(program.stopping).then(
    (running) => program.started(running),
    (error: unknown) => program.failedToStart(error),
  );
}

class Program {
  readonly #name: string;
  readonly #stopping = new AbortController();
  #running: Stoppable | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  listen(): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => this.#onSignal(signal));
    process.on('uncaughtException', (error) => this.#onFatal(error, 'uncaught exception'));
    process.on('unhandledRejection', (error) => this.#onFatal(error, 'unhandled rejection'));
  }

  started(running: Stoppable): void {
    this.#running = running;
    if (this.stopping.aborted) void this.#stop(running, 'signal');
  }

  failedToStart(error: unknown): void {
    process.stderr.write(`${this.#name}: ${explain(error)}\n`);
    process.exit(error instanceof ConfigError ? configExitCode : 1);
  }

  #onSignal(signal: string): void {
    if (this.stopping.aborted) process.exit(1);
    this.#stopping.abort();
    if (this.#running !== undefined) void this.#stop(this.#running, signal);
  }

  async #stop(running: Stoppable, signal: string): Promise<void> {
    const { logger } = running;
    logger.info({ signal }, 'stopping');
    const timeoutMs = running.stopTimeoutMs ?? defaultStopTimeoutMs;
    setTimeout(() => {
      logger.error({ timeoutMs }, 'not stopped in time; leaving');
      process.exit(1);
    }, timeoutMs);
    for (const step of running.stopSteps) {
      logger.debug({ step: step.name }, 'stopping');
      try {
        await step.run();
      } catch (error) {
        logger.error({ err: error, step: step.name }, 'a step of the stop failed');
      }
    }
    logger.info('stopped');
    process.exit(0);
  }

  /** The state of the process is unknown now: say why and leave; whoever supervises it starts a new one. */
  #onFatal(error: unknown, what: string): void {
    if (this.#running === undefined) {
      this.failedToStart(error);
    } else {
      this.#running.logger.fatal({ err: error }, what);
      process.exit(1);
    }
  }
}

/** What an operator can act on is a sentence; only the unexpected has a stack. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof ListenError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
