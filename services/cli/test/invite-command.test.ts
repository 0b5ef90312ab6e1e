import { afterEach, expect, it } from 'vitest';
import { FakeRegistrar, type FakeRules } from './fake-registrar.ts';
import { type Run, runRollcall } from './run-rollcall.ts';

let registrar: FakeRegistrar | undefined;

async function start(rules: FakeRules = {}): Promise<FakeRegistrar> {
  registrar = await FakeRegistrar.start(rules);
  registrar.contacts.set('alice', ['<sip:alice@192.0.2.1:5070>;q=1.0', '<sip:alice@192.0.2.2>;q=0.5;audio']);
  return registrar;
}

function run(server: FakeRegistrar, command: string, ...args: string[]): Promise<Run> {
  return runRollcall([command, '--server', server.address, '--timeout', '2', ...args]);
}

afterEach(async () => {
  await registrar?.close();
  registrar = undefined;
});

it('shows the contacts of the 302 and acknowledges it', async () => {
  const server = await start();
  const { exitCode, out } = await run(server, 'invite', 'sip:alice@example.com');
  expect(exitCode).toBe(0);
  expect(out).toMatch(/^→ INVITE sip:alice@example\.com\n← 302 Moved Temporarily \(\d+ ms\)\n\nCONTACT /);
  expect(out).toMatch(/sip:alice@192\.0\.2\.1:5070 +1\n/);
  expect(out).toMatch(/sip:alice@192\.0\.2\.2 +0\.5 +;audio\n/);
  const ack = await server.waitFor('ACK');
  const [invite = ''] = server.heard;
  const via = /^Via: .*$/m;
  // RFC 3261 §17.1.1.3: same Via, To with the tag of the response, same CSeq number.
  expect(via.exec(ack)?.[0]).toBe(via.exec(invite)?.[0]);
  expect(ack).toContain('To: <sip:alice@example.com>;tag=fake\r\n');
  expect(ack).toContain('CSeq: 1 ACK\r\n');
  expect(server.heard).toHaveLength(2);
});

it('asks with OPTIONS, too', async () => {
  const server = await start();
  const { exitCode, out } = await run(server, 'options', 'alice@example.com', '--json');
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    aor: 'sip:alice@example.com',
    status: 302,
    contacts: [
      { contact: 'sip:alice@192.0.2.1:5070', q: 1 },
      { contact: 'sip:alice@192.0.2.2', q: 0.5, params: ';audio' },
    ],
  });
  expect(server.heard).toHaveLength(1);
});

it('says what 480 means and ends with 1', async () => {
  const { exitCode, err } = await run(await start(), 'invite', 'sip:bob@example.com');
  expect(exitCode).toBe(1);
  expect(err).toContain('sip:bob@example.com is known, but not registered now');
});

it('lets no escape sequence of a contact through', async () => {
  const server = await start();
  server.contacts.set('alice', ['"\u001b[31m" <sip:alice@192.0.2.1>;x="\u001b[2J"']);
  const { out } = await run(server, 'options', 'sip:alice@example.com');
  expect(out).not.toContain('\u001b');
});

it('ends a call at once that somebody takes: ACK and BYE go where the 2xx says', async () => {
  const headers = 'Contact: <sip:alice@192.0.2.1:5070>\r\nRecord-Route: <sip:b;lr>, <sip:a;lr>\r\n';
  const server = await start({ always: { status: '200 OK', headers } });
  const { exitCode } = await run(server, 'invite', 'sip:alice@example.com');
  expect(exitCode).toBe(0);
  expect(server.heard.map((text) => text.slice(0, text.indexOf('\r\n')))).toEqual([
    'INVITE sip:alice@example.com SIP/2.0',
    'ACK sip:alice@192.0.2.1:5070 SIP/2.0',
    'BYE sip:alice@192.0.2.1:5070 SIP/2.0',
  ]);
  const [, ack = '', bye = ''] = server.heard;
  for (const text of [ack, bye]) {
    expect(text).toContain('To: <sip:alice@example.com>;tag=fake\r\n');
    expect(text).toContain('Route: <sip:a;lr>\r\nRoute: <sip:b;lr>\r\n');
  }
  expect(ack).toContain('CSeq: 1 ACK\r\n');
  expect(bye).toContain('CSeq: 2 BYE\r\n');
});

it('cancels a call that rings until the time is over, and ends with 3', async () => {
  const server = await start({ rings: true });
  const { exitCode, err } = await run(server, 'invite', 'sip:alice@example.com', '--timeout', '1');
  expect(exitCode).toBe(3);
  expect(err).toContain('it rings, but nobody takes the call');
  await server.waitFor('ACK');
  const methods = server.heard.map((text) => text.slice(0, text.indexOf(' ')));
  expect(methods).toEqual(['INVITE', 'CANCEL', 'ACK']);
  const branch = /^Via: .*branch=(\S+)/m;
  const [invite = '', cancel = ''] = server.heard;
  expect(branch.exec(cancel)?.[1]).toBe(branch.exec(invite)?.[1]);
});

it('ends with 1 where the answer is malformed', async () => {
  const server = await start();
  server.contacts.set('alice', ['<sip:alice@192.0.2.1']);
  const { exitCode, err } = await run(server, 'options', 'sip:alice@example.com');
  expect(exitCode).toBe(1);
  expect(err).toContain('the answer is malformed SIP (SIP_ERR_');
});
