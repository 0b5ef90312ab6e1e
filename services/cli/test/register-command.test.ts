import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { challenge, FakeRegistrar, type FakeRules } from './fake-registrar.ts';
import { type Run, runRollcall } from './run-rollcall.ts';

const alice = 'sip:alice@example.com';
const passwords = { alice: 'wonderland' };
let registrar: FakeRegistrar | undefined;

async function start(rules: FakeRules = { passwords }): Promise<FakeRegistrar> {
  registrar = await FakeRegistrar.start(rules);
  return registrar;
}

function register(server: FakeRegistrar, ...args: string[]): Promise<Run> {
  return runRollcall(['register', alice, '--server', server.address, '--timeout', '2', ...args]);
}

async function findFreePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

afterEach(async () => {
  await registrar?.close();
  registrar = undefined;
});

describe('register', () => {
  it('answers the strongest challenge, and shows each step and the contacts', async () => {
    const server = await start({ passwords, challenges: [challenge('MD5'), challenge('SHA-256')] });
    const { exitCode, out } = await register(
      server,
      '--password',
      'wonderland',
      '--contact',
      'sip:alice@192.0.2.7',
    );
    expect(exitCode).toBe(0);
    expect(out.replaceAll(/\(\d+ ms\)/g, '(n ms)')).toBe(
      [
        '→ REGISTER sip:alice@example.com at sip:alice@192.0.2.7 for 600 s',
        '← 401 Unauthorized offers MD5, SHA-256 (n ms)',
        '→ REGISTER as alice with SHA-256 credentials',
        '← 200 OK (n ms)',
        '',
        'sip:alice@example.com has 1 contact',
        'CONTACT              EXPIRES IN',
        'sip:alice@192.0.2.7  600 s',
        '',
      ].join('\n'),
    );
  });

  it('sends what a phone sends: one Call-ID, growing CSeq, a branch for each transaction, rport', async () => {
    const server = await start();
    await register(server, '--password', 'wonderland');
    const [first = '', second = ''] = server.heard;
    const row = (text: string, name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(text)?.[1];
    expect(first).toMatch(/^REGISTER sip:example\.com SIP\/2\.0\r\n/);
    expect(row(second, 'Call-ID')).toBe(row(first, 'Call-ID'));
    expect(row(second, 'From')).toBe(row(first, 'From'));
    expect([row(first, 'CSeq'), row(second, 'CSeq')]).toEqual(['1 REGISTER', '2 REGISTER']);
    expect(row(first, 'Via')).toMatch(/^SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;rport;branch=z9hG4bK/);
    expect(row(second, 'Via')).not.toBe(row(first, 'Via'));
    expect(row(first, 'Contact')).toMatch(/^<sip:alice@127\.0\.0\.1:\d+>;expires=600$/);
  });

  it('says on the second 401 that credentials or configuration are wrong, and stops', async () => {
    const server = await start();
    const { exitCode, err } = await register(server, '--password', 'guess');
    expect(exitCode).toBe(1);
    expect(err).toContain('wrong credentials or configuration: the server did not accept "alice"');
    expect(server.heard).toHaveLength(2);
  });

  it('answers once more where the nonce was stale, and not for ever', async () => {
    const server = await start({ passwords: {}, challenges: [challenge('MD5', ', stale=true')] });
    expect((await register(server, '--password', 'wonderland')).exitCode).toBe(1);
    expect(server.heard).toHaveLength(3);
  });

  it('says where to give a password', async () => {
    const { exitCode, err } = await register(await start());
    expect(exitCode).toBe(1);
    expect(err).toContain('--password, --password-file or ROLLCALL_PASSWORD');
  });

  it('takes the password from a file or the environment', async () => {
    const server = await start();
    const file = join(tmpdir(), `rollcall-password-${process.pid}`);
    await writeFile(file, 'wonderland\n', { mode: 0o600 });
    expect((await register(server, '--password-file', file)).exitCode).toBe(0);
    const env = { ROLLCALL_PASSWORD: 'wonderland', ROLLCALL_SERVER: server.address };
    expect((await runRollcall(['register', alice], env)).exitCode).toBe(0);
    expect((await register(server, '--password-file', '/nowhere')).exitCode).toBe(2);
  });

  it('refreshes its contact at the next run, shows with --fetch, removes with --remove', async () => {
    const server = await start();
    const known = ['--password', 'wonderland', '--json', '--port', String(await findFreePort())];
    const contacts = async (...args: string[]) =>
      JSON.parse((await register(server, ...known, ...args)).out).bindings;
    await contacts();
    expect(await contacts()).toHaveLength(1);
    await contacts('--contact', 'sip:alice@192.0.2.9');
    expect(await contacts('--fetch')).toHaveLength(2);
    expect(await contacts('--remove', '--contact', 'sip:alice@192.0.2.9')).toHaveLength(1);
    expect(await contacts('--remove')).toEqual([]);
    const last = server.heard.at(-1);
    expect(last).toContain('\r\nContact: *\r\nExpires: 0\r\n');
  });

  it.each([
    ['423 Interval Too Brief', 'Min-Expires: 90\r\n', 'use --expires 90'],
    ['503 Service Unavailable', 'Retry-After: 7\r\n', 'try again in 7 s'],
    ['403 Forbidden', '', 'may not register sip:alice@example.com'],
    ['404 Not Found', '', 'is not known there'],
    ['555 Push Notification Service Not Supported', '', 'REGISTRAR_PUSH_PROVIDERS'],
  ])('explains %s', async (status, headers, advice) => {
    const { exitCode, err, out } = await register(await start({ always: { status, headers } }));
    expect(exitCode).toBe(1);
    expect(out).toContain(status);
    expect(err).toContain(advice);
  });

  it('repeats what got lost on the way', async () => {
    const server = await start({ passwords, deafFor: 1 });
    expect((await register(server, '--password', 'wonderland')).exitCode).toBe(0);
    expect(server.heard[1]).toBe(server.heard[0]);
  });
});

describe('without an answer', () => {
  it('ends with 3 and says what to do, at once where nothing listens', async () => {
    const server = await start();
    const gone = server.address;
    await server.close();
    registrar = undefined;
    for (const transport of ['udp', 'tcp']) {
      const run = await runRollcall(['register', alice, '--server', gone, '--transport', transport]);
      expect(run.exitCode).toBe(3);
      expect(run.err).toContain(
        `no answer from ${gone} over ${transport.toUpperCase()} (nothing listens there): is the edge running? try \`npm start\``,
      );
    }
  });

  it('ends with 3 when the time is over', async () => {
    const server = await start({ deafFor: 99 });
    const run = await runRollcall([
      'register',
      alice,
      '--server',
      server.address,
      '--timeout',
      '1',
      '--json',
    ]);
    expect(run.exitCode).toBe(3);
    expect(JSON.parse(run.out).problem).toContain(`no answer from ${server.address} over UDP:`);
  });
});
