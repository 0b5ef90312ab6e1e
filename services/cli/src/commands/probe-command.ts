import type { Command } from 'commander';
import { type AddressOfRecord, parseAddressOfRecord } from '../address-argument.ts';
import { argument, type CliContext, runCommand } from '../cli-context.ts';
import { ExchangeLog } from '../exchange-log.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { addLoginOptions, type LoginOptions, readLogin } from '../login-options.ts';
import { type ProbeStep, probe } from '../probe.ts';
import type { SipCaller } from '../sip-caller.ts';
import { addSipOptions, describeServer, type SipOptions, withCaller } from '../sip-options.ts';
import { formatTable } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface ProbeOptions extends SipOptions, LoginOptions {}

/** `rollcall probe`: one whole round, for canaries. */
export function addProbeCommand(program: Command, context: CliContext): void {
  const command = program
    .command('probe')
    .description('register a contact, find it as a caller does, remove it; for canaries')
    .argument(
      '<aor>',
      'address of record of a user kept for this: callers are told of the contact meanwhile',
      argument(parseAddressOfRecord),
    );
  addLoginOptions(addSipOptions(command, context)).action((aor: AddressOfRecord, options: ProbeOptions) =>
    runCommand(context, command, (terminal) =>
      withCaller(options, context, 0, (caller) => run(caller, aor, options, context, terminal)),
    ),
  );
}

async function run(
  caller: SipCaller,
  aor: AddressOfRecord,
  options: ProbeOptions,
  context: CliContext,
  terminal: Terminal,
): Promise<ExitCode> {
  const quiet = new ExchangeLog({ line: () => {}, mark: terminal.mark });
  const login = readLogin(aor, options, context);
  const steps = await probe(caller, { aor, login, nowMs: () => context.clock.nowMs() }, quiet);
  const exitCode = judge(steps);
  terminal.result({
    aor: aor.aor,
    ...describeServer(options),
    good: exitCode === exitCodes.fine,
    steps,
    messages: quiet.steps,
  });
  const rows = steps.map(({ name, status, tookMs, problem }) => [
    name,
    status === 0 ? 'none' : String(status),
    `${tookMs} ms`,
    problem === '' ? terminal.mark('good', 'good') : terminal.mark(problem, 'bad'),
  ]);
  for (const line of formatTable(['STEP', 'ANSWER', 'TOOK', 'VERDICT'], rows)) terminal.line(line);
  return exitCode;
}

function judge(steps: readonly ProbeStep[]): ExitCode {
  const wrong = steps.filter(({ problem }) => problem !== '');
  if (wrong.length === 0) return exitCodes.fine;
  return wrong.some(({ status }) => status === 0) ? exitCodes.noAnswer : exitCodes.refused;
}
