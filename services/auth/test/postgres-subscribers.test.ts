import { readFile } from 'node:fs/promises';
import { systemClock } from '@rollcall/runtime';
import { type RunningPostgres, startPostgres } from '@rollcall/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PostgresLink } from '../src/subscribers/remote/postgres-link.ts';
import { describeRemoteSubscribers, type PlainSubscriber } from './remote-subscribers.contract.ts';

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
