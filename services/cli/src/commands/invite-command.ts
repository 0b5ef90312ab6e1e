import { type Command, Option } from 'commander';
import { type AddressOfRecord, parseAddressOfRecord } from '../address-argument.ts';
import { callerRequest } from '../caller-request.ts';
import { argument, type CliContext, runCommand } from '../cli-context.ts';
import { formatContacts, readContacts } from '../contact-table.ts';
import { ExchangeLog } from '../exchange-log.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { explainStatus } from '../explain-status.ts';
import type { SipCaller } from '../sip-caller.ts';
import { addSipOptions, describeServer, type SipOptions, withCaller } from '../sip-options.ts';
import type { Terminal } from '../terminal.ts';

interface InviteOptions extends SipOptions {
  readonly from?: AddressOfRecord;
}

/** `rollcall invite` and `rollcall options`: asks the server where a caller must turn to, and does not go there. */
export function addInviteCommands(program: Command, context: CliContext): void {
  addCallerCommand(
    program,
    context,
    'INVITE',
    'call an address and show the contacts that the server redirects to',
  );
  addCallerCommand(program, context, 'OPTIONS', 'the same with OPTIONS, which rings nowhere');
}

function addCallerCommand(
  program: Command,
  context: CliContext,
  method: 'INVITE' | 'OPTIONS',
  description: string,
): void {
  const command = program
    .command(method.toLowerCase())
    .description(description)
    .argument(
      '<aor>',
      'address of record, for example sip:alice@example.com',
      argument(parseAddressOfRecord),
    );
  addSipOptions(command, context)
    .addOption(
      new Option('--from <aor>', 'who calls (default: somebody at this address)').argParser(
        argument(parseAddressOfRecord),
      ),
    )
    .action((aor: AddressOfRecord, options: InviteOptions) =>
      runCommand(context, command, (terminal) =>
        withCaller(options, aor, context, 0, (caller) => run(method, caller, aor, options, terminal)),
      ),
    );
}

async function run(
  method: 'INVITE' | 'OPTIONS',
  caller: SipCaller,
  aor: AddressOfRecord,
  options: InviteOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const log = new ExchangeLog(terminal);
  log.sent(method, aor.aor);
  const { response, afterMs } = await caller.send(callerRequest(method, caller, aor, options.from));
  log.received(response, afterMs);
  const { status } = response;
  const contacts = readContacts(response);
  const explanation = explainStatus(method, response, aor.aor);
  terminal.result({
    aor: aor.aor,
    ...describeServer(caller),
    status,
    contacts,
    explanation,
    steps: log.steps,
  });
  if (contacts.length > 0) {
    terminal.line('');
    for (const line of formatContacts(contacts)) terminal.line(line);
  }
  if (status < 400) return exitCodes.fine;
  if (explanation !== '') terminal.problem(explanation);
  return exitCodes.refused;
}
