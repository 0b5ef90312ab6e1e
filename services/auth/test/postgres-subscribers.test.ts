import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@rollcall/runtime';
import { type RunningPostgres, startPostgres } from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresLink } from '../src/subscribers/remote/postgres-link.ts';
import { RemoteSubscriberStore } from '../src/subscribers/remote/remote-subscriber-store.ts';
import { describeRemoteSubscribers, type PlainSubscriber } from './remote-subscribers.contract.ts';
import { algorithms, makeLogger } from './support.ts';

const schema = new URL('../../../deploy/postgres/subscribers.sql', import.meta.url);
let server: RunningPostgres;

/** Each statement on a connection of its own: the server is killed now and then. */
async function run(text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: server.url });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text, values.length === 0 ? undefined : values);
  } finally {
    await client.end();
  }
}

async function put({ username, domain, numbers = [], aors = [], ...rest }: PlainSubscriber): Promise<void> {
  const {
    password = null,
    ha1 = null,
    networks = [],
    watchers = [],
    state = 'active',
    movedTo = null,
  } = rest;
  await run(
    `INSERT INTO rollcall_subscribers (username, domain, password, ha1, networks, watchers, state, moved_to)
     VALUES ($1, $2, $3, $4, $5, $6, $7::rollcall_subscriber_state, $8)
     ON CONFLICT (domain, username) DO UPDATE SET password = $3, ha1 = $4, networks = $5, watchers = $6,
       state = $7::rollcall_subscriber_state, moved_to = $8`,
    [username, domain, password, ha1, networks, watchers, state, movedTo],
  );
  for (const number of numbers) {
    await run('INSERT INTO rollcall_numbers VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      number,
      domain,
      username,
    ]);
  }
  for (const aor of aors) {
    await run('INSERT INTO rollcall_aors VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      aor,
      domain,
      username,
    ]);
  }
}

beforeAll(async () => {
  server = await startPostgres();
  await run(await readFile(schema, 'utf8'));
});
afterAll(() => server?.stop());

describeRemoteSubscribers('subscribers in PostgreSQL', () => ({
  link: () => new PostgresLink({ url: server.url, password: '', clock: systemClock }),
  put,
  remove: (username) => run('DELETE FROM rollcall_subscribers WHERE username = $1', [username]),
  clear: () => run('DELETE FROM rollcall_subscribers'),
  kill: () => server.kill(),
  restart: () => server.restart(),
}));

it('the tables refuse what no subscriber can be', async () => {
  await run('DELETE FROM rollcall_subscribers');
  const wrong: PlainSubscriber[] = [
    { username: 'a', domain: 'Example.com', password: 'p' },
    { username: '', domain: 'example.com', password: 'p' },
    { username: 'a', domain: 'example.com' },
    { username: 'a', domain: 'example.com', password: 'p', ha1: {} },
    { username: 'a', domain: 'example.com', password: 'p', state: 'moved' },
    { username: 'a', domain: 'example.com', password: 'p', movedTo: 'sip:b@example.com' },
    { username: 'a', domain: 'example.com', password: 'p', numbers: ['0155'] },
    { username: 'a', domain: 'example.com', password: 'p', aors: ['sip:a@Example.com'] },
  ];
  for (const each of wrong) await expect(put(each), JSON.stringify(each)).rejects.toThrow(/violates/);
});

it('comes by TLS and a password, to a server whose certificate the right authority has signed', async () => {
  const authority = await TestAuthority.create();
  const guard = { password: 'open sesame', ...(await authority.issue({ dns: ['localhost'] })) };
  const guarded = await startPostgres(guard);
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-authority-'));
  const opened: RemoteSubscriberStore[] = [];
  const open = async (cert: string, password: string) => {
    const file = join(folder, `${opened.length}.pem`);
    await writeFile(file, cert);
    const url = `${guarded.url.replace('127.0.0.1', 'localhost')}?sslmode=verify-full&sslrootcert=${file}`;
    const store = await RemoteSubscriberStore.open(new PostgresLink({ url, password, clock: systemClock }), {
      ...{ algorithms, clock: systemClock, logger: makeLogger().logger },
    });
    opened.push(store);
    return store;
  };
  try {
    const says = async (cert: string, password: string, problem: RegExp) => {
      const store = await open(cert, password);
      await expect.poll(() => store.check()).toMatch(problem);
    };
    await says(authority.cert, 'guessed', /password authentication failed/);
    await says((await TestAuthority.create()).cert, guard.password, /certificate|signature/);
    // Let in, it finds no tables there.
    await says(authority.cert, guard.password, /"rollcall_subscribers" does not exist/);
  } finally {
    for (const store of opened) await store.close();
    await guarded.stop();
    await rm(folder, { recursive: true });
  }
});
