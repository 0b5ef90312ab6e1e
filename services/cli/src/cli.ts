import { type Clock, readBuildVersion } from '@rollcall/runtime';
import { Command, CommanderError } from 'commander';
import type { CliContext } from './cli-context.ts';
import { addConfigCommand } from './commands/config-command.ts';
import { addHealthCommand } from './commands/health-command.ts';
import { addInviteCommands } from './commands/invite-command.ts';
import { addLookupCommand } from './commands/lookup-command.ts';
import { addProbeCommand } from './commands/probe-command.ts';
import { addRegisterCommand } from './commands/register-command.ts';
import type { CliConfig } from './config.ts';
import { type ExitCode, exitCodes } from './exit-codes.ts';
import { openTerminal, type TextSink } from './terminal.ts';

/** What the program is given by its process. */
export interface CliParts {
  readonly config: CliConfig;
  /** What services would read their configuration from. */
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly out: TextSink;
  readonly err: TextSink;
  /** True where `out` shows colours. */
  readonly colour: boolean;
  /** Settles when the process is told to end; asked only by commands that run on. */
  untilStopped(): Promise<void>;
}

const exitCodeHelp = `
Exit codes: 0 fine; 1 refused, unknown or not registered; 2 wrong usage; 3 no answer in time.
Start a server to try it with: npm start`;

/**
 * Runs one command.
 *
 * @param args the arguments after the program's name
 * @returns the exit code
 */
export async function runCli(args: readonly string[], parts: CliParts): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.fine;
  const context: CliContext = {
    config: parts.config,
    environment: parts.environment,
    clock: parts.clock,
    openTerminal: (json) => openTerminal({ out: parts.out, err: parts.err, json, colour: parts.colour }),
    untilStopped: () => parts.untilStopped(),
    warn: (text) => parts.err.write(`rollcall: WARNING: ${text}\n`),
    finish: (code) => {
      exitCode = code;
    },
  };
  try {
    await buildProgram(context, parts).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    // Thrown in place of process.exit(): what there is to say has been said. Help that was asked for is no mistake.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage;
    throw error;
  }
}

function buildProgram(context: CliContext, { out, err }: CliParts): Command {
  const program = new Command('rollcall')
    .description(
      'Talks to a Rollcall server, or any other SIP registrar: as a phone, as a caller, as a service.',
    )
    .option('--json', 'print one JSON document instead of text')
    .version(readBuildVersion().version, '-V, --version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: (text) => out.write(text), writeErr: (text) => err.write(text) })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('--help tells what there is.')
    .addHelpText('after', exitCodeHelp);
  // Sub-commands take over these settings when they are added.
  addRegisterCommand(program, context);
  addLookupCommand(program, context);
  addInviteCommands(program, context);
  addProbeCommand(program, context);
  addHealthCommand(program, context);
  addConfigCommand(program, context);
  return program;
}
