import { readFile } from 'node:fs/promises';
import { type RunningPostgres, SipAgent, startPostgres } from '@rollcall/testkit';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePhones } from './src/phones.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const schema = new URL('../../deploy/postgres/subscribers.sql', import.meta.url);
/** A change is effective within a second; the machine is busy. */
const noticeMs = 10_000;
const number = '+15551239999';

describe.each(targets)('subscribers in PostgreSQL, of $name', ({ start }) => {
  const [phone, later] = makePhones('row', 2);
  let postgres: RunningPostgres;
  let target: RunningTarget;

  async function run(text: string, values: unknown[] = []): Promise<void> {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    await client.query(text, values.length === 0 ? undefined : values);
    await client.end();
  }

  const add = (user: string, password: string) =>
    run('INSERT INTO rollcall_subscribers (domain, username, password) VALUES ($1, $2, $3)', [
      ...['example.com', user, password],
    ]);

  beforeAll(async () => {
    postgres = await startPostgres();
    await run(await readFile(schema, 'utf8'));
    if (phone !== undefined) await add(phone.user, phone.password);
    target = await start({ AUTH_SUBSCRIBERS: postgres.url });
  });

  afterAll(async () => {
    await target?.stop();
    await postgres?.stop();
  });

  it('what is changed there holds here within a second, and an outage ends nobody’s registration', async () => {
    if (phone === undefined || later === undefined) throw new Error('no phones');
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const statusOf = async ({ aor, password }: { aor: string; password: string }) =>
      (await agent.register({ aor, password, expires: 600 })).status;
    const soon = { timeout: noticeMs, interval: 100 };
    expect([await statusOf(phone), await statusOf(later)]).toEqual([200, 401]);

    await add(later.user, later.password);
    await expect.poll(() => statusOf(later), soon).toBe(200);

    const tel = { method: 'INVITE', uri: `sip:${number}@example.com;user=phone` };
    expect((await agent.request(tel)).status).toBe(404);
    await run('INSERT INTO rollcall_numbers VALUES ($1, $2, $3)', [number, 'example.com', phone.user]);
    await expect.poll(async () => (await agent.request(tel)).status, soon).toBe(302);

    await run('UPDATE rollcall_subscribers SET password = $1 WHERE username = $2', ['new', phone.user]);
    await expect.poll(() => statusOf({ ...phone, password: 'new' }), soon).toBe(200);
    expect(await statusOf(phone)).toBe(401);

    await postgres.kill();
    expect(await statusOf(later)).toBe(200);
    const unasked = await agent.register({ aor: 'sip:nobody@example.com', password: 'x', expires: 600 });
    expect(unasked.status).toBe(503);
    expect(Number(unasked.values('retry-after')[0])).toBeGreaterThan(0);
    await postgres.restart();
    await expect.poll(() => statusOf({ ...phone, password: 'new' }), soon).toBe(200);
  });
});
