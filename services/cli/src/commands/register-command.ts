import { type Command, Option } from 'commander';
import { type AddressOfRecord, parseAddressOfRecord, parseContactUri } from '../address-argument.ts';
import { argument, type CliContext, runCommand, wholeNumber } from '../cli-context.ts';
import { formatContacts, readContacts } from '../contact-table.ts';
import { ExchangeLog } from '../exchange-log.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';
import { addLoginOptions, type LoginOptions, readLogin } from '../login-options.ts';
import { ownContact } from '../own-contact.ts';
import { register, type Wish } from '../registration.ts';
import type { SipCaller } from '../sip-caller.ts';
import { addSipOptions, describeServer, type SipOptions, withCaller } from '../sip-options.ts';
import type { Terminal } from '../terminal.ts';

interface RegisterOptions extends SipOptions, LoginOptions {
  readonly contact?: string;
  readonly expires: number;
  readonly port: number;
  readonly remove?: true;
  readonly fetch?: true;
}

/** One port for every run, so that the next run refreshes the binding instead of adding one. */
const usualPort = 5070;
/** RFC 3261 §20.19: 32 bits. */
const maxExpiresSec = 2 ** 32 - 1;

/** `rollcall register`: registers as a phone does. */
export function addRegisterCommand(program: Command, context: CliContext): void {
  const command = program
    .command('register')
    .description('register a contact as a phone does, and show all contacts')
    .argument(
      '<aor>',
      'address of record, for example sip:alice@example.com',
      argument(parseAddressOfRecord),
    );
  addLoginOptions(addSipOptions(command, context))
    .addOption(
      new Option('--contact <uri>', 'the contact (default: the user at this address)').argParser(
        argument(parseContactUri),
      ),
    )
    .addOption(
      new Option('--expires <seconds>', 'its lifetime')
        .argParser(argument(wholeNumber(1, maxExpiresSec)))
        .default(600),
    )
    .addOption(
      new Option('--port <number>', 'port of this end; another is taken where it is in use')
        .argParser(argument(wholeNumber(0, 65_535)))
        .default(usualPort),
    )
    .addOption(new Option('--remove', 'remove --contact, or without it all contacts').conflicts('fetch'))
    .addOption(new Option('--fetch', 'change nothing, only show the contacts').conflicts('contact'))
    .action((aor: AddressOfRecord, options: RegisterOptions) =>
      runCommand(context, command, (terminal) =>
        withCaller(options, aor, context, options.port, (caller) =>
          run(caller, aor, options, context, terminal),
        ),
      ),
    );
}

async function run(
  caller: SipCaller,
  aor: AddressOfRecord,
  options: RegisterOptions,
  context: CliContext,
  terminal: Terminal,
): Promise<ExitCode> {
  const log = new ExchangeLog(terminal);
  const wish = readWish(caller, aor, options);
  const { response, explanation } = await register(
    caller,
    { aor, ...readLogin(aor, options, context), wish },
    log,
  );
  const { status } = response;
  const bindings = status < 300 ? readContacts(response) : [];
  terminal.result({
    aor: aor.aor,
    ...describeServer(caller),
    status,
    bindings,
    explanation,
    steps: log.steps,
  });
  if (status >= 300) {
    if (explanation !== '') terminal.problem(explanation);
    return exitCodes.refused;
  }
  terminal.line('');
  terminal.line(`${terminal.mark(aor.aor, 'strong')} has ${countContacts(bindings.length)}`);
  if (bindings.length > 0) for (const line of formatContacts(bindings)) terminal.line(line);
  return exitCodes.fine;
}

function readWish(caller: SipCaller, aor: AddressOfRecord, options: RegisterOptions): Wish {
  if (options.fetch) return { kind: 'fetch' };
  if (options.remove) return { kind: 'remove', contact: options.contact };
  const contact = options.contact ?? ownContact(aor, caller);
  return { kind: 'bind', contact, expiresSec: options.expires };
}

function countContacts(count: number): string {
  if (count === 0) return 'no contacts';
  return count === 1 ? '1 contact' : `${count} contacts`;
}
