import { type Clock, ListenError } from '@rollcall/runtime';
import { SipParseError } from '@rollcall/sip';
import { type Command, InvalidArgumentError } from 'commander';
import type { CliConfig } from './config.ts';
import { CommandFailure, type ExitCode, exitCodes } from './exit-codes.ts';
import type { Terminal } from './terminal.ts';

/** What each command is given. */
export interface CliContext {
  readonly config: CliConfig;
  /** What services would read their configuration from. */
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  openTerminal(json: boolean): Terminal;
  /** Says something on standard error that nobody should overlook. */
  warn(text: string): void;
  /** Settles when somebody wants a command that runs on to end: SIGTERM, SIGINT. */
  untilStopped(): Promise<void>;
  /** Says how the command ended. */
  finish(code: ExitCode): void;
}

/** Nobody should look at nothing for longer. */
const silenceMs = 2000;

/** Options that every command has. */
export interface CommonOptions {
  readonly json: boolean;
}

/**
 * Runs what a command does, and shows its failure with advice instead of a stack.
 *
 * @param run settles with the exit code
 */
export async function runCommand(
  context: CliContext,
  command: Command,
  run: (terminal: Terminal) => Promise<ExitCode>,
): Promise<void> {
  const terminal = context.openTerminal(command.optsWithGlobals<CommonOptions>().json === true);
  // Most commands have said something by then; those that ask several at once show a table at the end.
  const late = context.clock.after(silenceMs, () => {
    if (!terminal.json && !terminal.hasSpoken()) terminal.problem('waiting for an answer …');
  });
  try {
    context.finish(await run(terminal));
  } catch (error) {
    const failure = failureOf(error);
    terminal.result({ problem: failure.message });
    terminal.problem(`${terminal.mark('rollcall:', 'bad')} ${failure.message}`);
    context.finish(failure.exitCode);
  } finally {
    late.cancel();
  }
}

/** What a user can make something of; anything else is a fault of the program and shows its stack. */
function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (error instanceof SipParseError) {
    return new CommandFailure(exitCodes.refused, `the answer is malformed SIP (${error.code})`, {
      cause: error,
    });
  }
  if (error instanceof ListenError) {
    return new CommandFailure(exitCodes.usage, error.message, { cause: error });
  }
  // From the system: a port that may not be bound, no network, …
  if (error instanceof Error && 'syscall' in error) {
    return new CommandFailure(exitCodes.usage, error.message, { cause: error });
  }
  throw error;
}

/** Makes the parser of an argument from a function that throws a TypeError with what is wrong. */
export function argument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      if (error instanceof TypeError) throw new InvalidArgumentError(error.message);
      throw error;
    }
  };
}

/** Reads a whole number within bounds, both included. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new TypeError(`"${text}" is no whole number from ${min} to ${max}`);
    }
    return value;
  };
}
