import { expect, it } from 'vitest';
import { runRollcall } from './run-rollcall.ts';

it('shows help for itself and each command, and ends with 0', async () => {
  const whole = await runRollcall(['--help']);
  expect(whole.exitCode).toBe(0);
  for (const name of ['register', 'lookup', 'invite', 'options', 'probe', 'config']) {
    expect(whole.out).toMatch(new RegExp(`^  ${name} `, 'm'));
    const { exitCode, out } = await runRollcall([name, '--help']);
    expect(exitCode).toBe(0);
    expect(out).toContain(`Usage: rollcall ${name} `);
    expect(out).toContain('--json');
  }
});

it('says its version', async () => {
  const { exitCode, out } = await runRollcall(['--version']);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

it.each([
  [[], 'Usage: rollcall'],
  [['regster', 'sip:alice@example.com'], 'Did you mean register?'],
  [['register'], "missing required argument 'aor'"],
  [['register', 'alice'], 'write it as sip:alice@example.com'],
  [['register', 'a@b.example', '--server', 'host:0'], '1 to 65535 are allowed'],
  [['register', 'a@b.example', '--transport', 'sctp'], 'Allowed choices are udp, tcp'],
  [['register', 'a@b.example', '--expires', '1h'], 'is no whole number from 1 to 4294967295'],
  [['register', 'a@b.example', '--expires', '0'], 'is no whole number from 1 to 4294967295'],
  [['register', 'a@b.example', '--fetch', '--remove'], 'cannot be used with'],
  [['register', 'a@b.example', '--contact', 'mailto:a@b'], 'is no contact'],
  [['lookup', 'a@b.example', '--location', 'nowhere'], 'must be host:port'],
])('ends %j with 2 and says what is wrong', async (args, message) => {
  const { exitCode, err } = await runRollcall(args);
  expect(exitCode).toBe(2);
  expect(err).toContain(message);
  expect(err).toContain('--help');
});
