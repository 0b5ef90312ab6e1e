import type { VariableTable } from '@rollcall/runtime';
import { Argument, type Command } from 'commander';
import { type CliContext, runCommand } from '../cli-context.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { readShownConfig } from '../shown-config.ts';
import type { Terminal } from '../terminal.ts';

const programs = ['edge', 'registrar', 'auth', 'location', 'redirect', 'standalone'] as const;

type ProgramName = (typeof programs)[number];

/** `rollcall config`: what a service would read from this environment. */
export function addConfigCommand(program: Command, context: CliContext): void {
  const command = program
    .command('config')
    .description('show the configuration that a service would start with in this environment, secrets masked')
    .addArgument(new Argument('<service>', 'which one').choices(programs));
  command.action((name: ProgramName) =>
    runCommand(context, command, async (terminal) => run(name, await readTable(name), context, terminal)),
  );
}

/** Standalone brings all services with it, which only this command needs: it is loaded when asked for. */
async function readTable(name: ProgramName): Promise<VariableTable> {
  const { serviceVariables, standaloneVariables } = await import('@rollcall/standalone');
  if (name !== 'standalone') return serviceVariables[name];
  // Names of properties may coincide between its parts; names of variables never do.
  const variables = Object.values(standaloneVariables).flatMap((part: VariableTable) => Object.values(part));
  return Object.fromEntries(variables.map((each) => [each.name, each]));
}

function run(name: ProgramName, table: VariableTable, context: CliContext, terminal: Terminal): ExitCode {
  const { variables, problem } = readShownConfig(table, context.environment);
  terminal.result({ service: name, variables, problem });
  for (const [variable, value] of Object.entries(variables)) terminal.line(`${variable}=${value}`);
  if (problem === '') return exitCodes.fine;
  terminal.problem(problem);
  return exitCodes.refused;
}
