import { afterEach, expect, it } from 'vitest';
import { FakeRegistrar, type FakeRules } from './fake-registrar.ts';
import { type Run, runRollcall } from './run-rollcall.ts';

let registrar: FakeRegistrar | undefined;

async function start(rules: FakeRules = { passwords: { alice: 'wonderland' } }): Promise<FakeRegistrar> {
  registrar = await FakeRegistrar.start(rules);
  registrar.contacts.set('alice', ['<sip:alice@192.0.2.1>;expires=60']);
  return registrar;
}

function probe(server: FakeRegistrar, ...args: string[]): Promise<Run> {
  const login = ['--password', 'wonderland', '--timeout', '1'];
  return runRollcall(['probe', 'sip:alice@example.com', '--server', server.address, ...login, ...args]);
}

afterEach(async () => {
  await registrar?.close();
  registrar = undefined;
});

it('registers a contact, finds it, removes it, and leaves the others alone', async () => {
  const server = await start();
  const { exitCode, out } = await probe(server);
  expect(exitCode).toBe(0);
  expect(
    out
      .replaceAll(/\d+ ms/g, 'n ms')
      .split('\n')
      .map((line) => line.replaceAll(/ +/g, ' ')),
  ).toEqual([
    'STEP ANSWER TOOK VERDICT',
    'register 200 n ms good',
    'find 302 n ms good',
    'remove 200 n ms good',
    '',
  ]);
  expect(server.contacts.get('alice')).toEqual(['<sip:alice@192.0.2.1>;expires=60']);
});

it('removes its contact also where callers are not told of it', async () => {
  const server = await start({ passwords: { alice: 'wonderland' }, redirectTo: ['<sip:alice@192.0.2.1>'] });
  const { exitCode, out } = await probe(server, '--json');
  expect(exitCode).toBe(1);
  const { good, steps } = JSON.parse(out);
  expect(good).toBe(false);
  expect(steps.map(({ name, problem }: { name: string; problem: string }) => [name, problem])).toEqual([
    ['register', ''],
    ['find', 'callers are not told of the contact just registered'],
    ['remove', ''],
  ]);
  expect(server.contacts.get('alice')).toHaveLength(1);
});

it('ends with 1 where the registration is refused', async () => {
  const { exitCode, out } = await probe(await start({ always: { status: '403 Forbidden' } }));
  expect(exitCode).toBe(1);
  expect(out).toMatch(/register +403 .*refused for good/);
});

it('ends with 3 where nobody answers', async () => {
  const { exitCode, out } = await probe(await start({ deafFor: 99 }));
  expect(exitCode).toBe(3);
  expect(out).toMatch(/register +none .*no answer from/);
});
