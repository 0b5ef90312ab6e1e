import { readFileSync } from 'node:fs';
import { encodeUtf8, unescapeUri } from '@rollcall/sip';
import { type Command, Option } from 'commander';
import type { AddressOfRecord } from './address-argument.ts';
import type { CliContext } from './cli-context.ts';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import type { Registration } from './registration.ts';

/** Options that say who registers. */
export interface LoginOptions {
  readonly password?: string;
  readonly passwordFile?: string;
  readonly username?: string;
}

/** Adds the options that say who registers. */
export function addLoginOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--password <text>',
        'password; others on this machine can see it while the command runs',
      ).conflicts('passwordFile'),
    )
    .option('--password-file <path>', 'file whose first line is the password')
    .option('--username <name>', "name to log in with (default: the address's user part)");
}

/**
 * Who the options say registers.
 *
 * @throws CommandFailure where the password file cannot be read
 */
export function readLogin(
  aor: AddressOfRecord,
  options: LoginOptions,
  context: CliContext,
): Pick<Registration, 'username' | 'password'> {
  const given = options.password ?? readPasswordFile(options.passwordFile) ?? context.config.password;
  return {
    username: encodeUtf8(options.username ?? unescapeUri(aor.user)),
    password: given === '' ? undefined : encodeUtf8(given),
  };
}

function readPasswordFile(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, 'utf8').split(/\r?\n/, 1)[0];
  } catch (cause) {
    throw new CommandFailure(exitCodes.usage, `the password file "${path}" cannot be read`, { cause });
  }
}
