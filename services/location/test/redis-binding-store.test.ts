import { Metrics } from '@rollcall/runtime';
import { type RunningRedis, startRedis } from '@rollcall/testkit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { nonceUse as nonceAt, register, update } from '../../../libs/bindings/test/make-registration.ts';
import type { BindingStore } from '../src/store/binding-store.ts';
import { RedisKeys } from '../src/store/redis-keys.ts';
import { farAway, newAor, openPrefixedStore, openTestStore, openTestTable } from './make-store.ts';

const stores: BindingStore[] = [];
const keys = new RedisKeys('');

function openStore(redis: RunningRedis, minReplicasAck = 0, metrics = new Metrics()): BindingStore {
  const store = openTestStore(redis.url, minReplicasAck, metrics);
  stores.push(store);
  return store;
}

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
});

const keyOf = (aor: string) => keys.of(aor).recordPrefix + aor;

describe('what Redis keeps', () => {
  let redis: RunningRedis;
  let client: Redis;

  beforeAll(async () => {
    redis = await startRedis();
    client = new Redis(redis.url);
  });
  afterAll(async () => {
    await client.quit();
    await redis.stop();
  });

  it('CN1: the TTL of a record is the remaining lifetime of its last binding (±1 s)', async () => {
    const aor = newAor();
    const { table } = openTestTable(openStore(redis));
    await table.apply(aor, register([update('sip:a@h')]), farAway);
    expect(Math.abs((await client.ttl(keyOf(aor))) - 600)).toBeLessThanOrEqual(1);
    await table.apply(aor, register([update('sip:b@h', { expiresSec: 60 })], { cseq: 2 }), farAway);
    expect(Math.abs((await client.ttl(keyOf(aor))) - 600)).toBeLessThanOrEqual(1);
    await table.apply(aor, register([update('sip:a@h', { expiresSec: 0 })], { cseq: 3 }), farAway);
    expect(Math.abs((await client.ttl(keyOf(aor))) - 60)).toBeLessThanOrEqual(1);
  });

  it('after a removal only live replay state remains, and expires with the nonce', async () => {
    const aor = newAor();
    const { table } = openTestTable(openStore(redis));
    const nonce = nonceAt('n', 1, { issuedAtMs: Date.now(), expiresAtMs: Date.now() + 30_000 });
    await table.apply(aor, register([update('sip:a@h')], { nonce }), farAway);
    const removal = register([update('sip:a@h', { expiresSec: 0 })], { cseq: 2, nonce: { ...nonce, nc: 2 } });
    await table.apply(aor, removal, farAway);
    expect(Math.abs((await client.ttl(keyOf(aor))) - 30)).toBeLessThanOrEqual(1);
    expect(await client.zscore(keys.of(aor).expiries, aor)).toBeNull();
  });

  it('counts AORs and bindings exactly, whatever comes and goes, and says so in every process', async () => {
    await client.flushall();
    const metrics = new Metrics();
    const [store, other] = [openStore(redis), openStore(redis, 0, metrics)];
    const { table } = openTestTable(store);
    const counts = async () => {
      await other.takeDue(Date.now());
      const { body } = await metrics.render();
      return ['aors', 'bindings'].map((what) =>
        Number(new RegExp(`^rollcall_store_${what} (\\d+)$`, 'm').exec(body)?.[1]),
      );
    };
    const [one, two] = [newAor(), newAor()];
    await table.apply(one, register([update('sip:a@h'), update('sip:b@h'), update('sip:c@h')]), farAway);
    expect(await counts()).toEqual([1, 3]);
    await table.apply(two, register([update('sip:a@h')]), farAway);
    await table.apply(one, register([update('sip:a@h')], { cseq: 2 }), farAway);
    expect(await counts()).toEqual([2, 4]);
    await table.apply(one, register([update('sip:b@h', { expiresSec: 0 })], { cseq: 3 }), farAway);
    expect(await counts()).toEqual([2, 3]);
    // Redis drops a record by itself, as when nobody swept in time.
    await client.del(keyOf(one));
    await store.forgetDue(one);
    expect(await counts()).toEqual([1, 1]);
    // The same AOR comes back, with more contacts than before.
    await table.apply(one, register([update('sip:d@h'), update('sip:e@h')]), farAway);
    expect(await counts()).toEqual([2, 3]);
    await table.apply(
      one,
      register([update('sip:d@h', { expiresSec: 0 }), update('sip:e@h', { expiresSec: 0 })], { cseq: 2 }),
      farAway,
    );
    await table.apply(two, register([update('sip:a@h', { expiresSec: 0 })], { cseq: 2 }), farAway);
    expect(await counts()).toEqual([0, 0]);
  });

  it('with a key prefix nothing else is written, and nothing of another store is seen', async () => {
    await client.flushall();
    const [mine, other] = ['site-1:', 'site-2:'].map((prefix) => openPrefixedStore(redis.url, prefix));
    if (mine === undefined || other === undefined) throw new Error('no stores');
    stores.push(mine, other);
    const aor = newAor();
    const { table } = openTestTable(mine);
    await table.apply(aor, register([update('sip:a@h'), update('sip:b@h')]), farAway);
    await mine.sharedSecret();
    await mine.takeDue(Date.now());
    const names = await client.keys('*');
    expect(names.length).toBeGreaterThanOrEqual(6);
    expect(names.filter((name) => !/^site-1:rc:\{\d+\}:/.test(name))).toEqual([]);
    expect(await table.lookUp(aor)).toHaveLength(2);
    expect(await openTestTable(other).table.lookUp(aor)).toEqual([]);
  });

  it('without replay state a removal leaves no key', async () => {
    const aor = newAor();
    const { table } = openTestTable(openStore(redis));
    await table.apply(aor, register([update('sip:a@h')]), farAway);
    await table.apply(aor, register([], { cseq: 2, removeAll: true }), farAway);
    expect(await client.exists(keyOf(aor))).toBe(0);
    expect(await client.zscore(keys.of(aor).expiries, aor)).toBeNull();
  });

  it('the log of changes tells what happened, in order', async () => {
    const aor = newAor();
    const { table } = openTestTable(openStore(redis));
    await table.apply(aor, register([update('sip:a@h')]), farAway);
    await table.apply(aor, register([update('sip:a@h')], { cseq: 2 }), farAway);
    await table.apply(aor, register([], { cseq: 3, removeAll: true }), farAway);
    const entries = await client.xrange(keys.of(aor).changes, '-', '+');
    const own = entries.map(([, fields]) => fields).filter((fields) => fields[1] === aor);
    expect(own.map((fields) => fields[3])).toEqual(['created', 'refreshed', 'removed']);
  });

  it('a record that was lost in Redis is not brought back from memory', async () => {
    const aor = newAor();
    const store = openStore(redis);
    const { table } = openTestTable(store);
    await table.apply(aor, register([update('sip:a@h')]), farAway);
    await client.del(keyOf(aor));
    expect(store.recall(aor).record?.bindings).toHaveLength(1);
    const { bindings } = await table.apply(aor, register([update('sip:b@h')], { cseq: 2 }), farAway);
    expect(bindings.map(({ uri }) => uri)).toEqual(['sip:b@h']);
    expect(await table.lookUp(aor)).toHaveLength(1);
  });

  it('where Redis dropped a record before it was swept, the AOR is announced as expired, once', async () => {
    const aor = newAor();
    const tables = [openTestTable(openStore(redis)), openTestTable(openStore(redis))];
    const [first] = tables;
    await first?.table.apply(aor, register([update('sip:a@h', { expiresSec: 1 })]), farAway);
    await client.del(keyOf(aor));
    for (const { sweep } of tables) sweep.start();
    const event = await Promise.race(tables.map((each) => each.event(aor, 'expired')));
    await Promise.all(tables.map(({ sweep }) => sweep.stop()));
    expect(event.binding).toBeUndefined();
    const own = tables.flatMap(({ events }) => events.filter((each) => each.aor === aor));
    expect(own.map(({ change }) => change)).toEqual(['created', 'expired']);
    expect(await client.zscore(keys.of(aor).expiries, aor)).toBeNull();
  });

  it('keeps the records of those that are due until their turn comes, and of no others', async () => {
    const store = openStore(redis);
    const shard = keys.of(newAor());
    const atMs = Date.now() + 700_000;
    const aors = Array.from({ length: 20_000 }, newAor)
      .filter((aor) => keys.of(aor) === shard)
      .slice(0, 200);
    const [later = '', ...due] = aors;
    const { table } = openTestTable(store);
    for (const aor of aors) {
      await table.apply(
        aor,
        register([update('sip:a@h', { expiresSec: aor === later ? 900 : 600 })]),
        farAway,
      );
    }
    await client.del(shard.sweeper);
    const { aors: named, total } = await store.takeDue(atMs);
    expect(due.filter((aor) => named.includes(aor)).length).toBeLessThan(due.length);
    expect(total).toBeGreaterThanOrEqual(due.length);
    for (const aor of due) expect(await client.ttl(keyOf(aor))).toBeLessThanOrEqual(601);
    // A record that would go before its turn is held; this one does.
    const [first = '', second = ''] = due.filter((aor) => !named.includes(aor));
    await client.pexpire(keyOf(first), 5000);
    await client.del(shard.sweeper);
    const other = openStore(redis);
    await other.takeDue(atMs);
    expect(await client.ttl(keyOf(first))).toBeGreaterThan(50);
    expect(await client.ttl(keyOf(second))).toBeGreaterThan(590);
    // Each once: a look costs no more than what has become due since the last one.
    await client.pexpire(keyOf(first), 5000);
    await other.takeDue(atMs);
    expect(await client.ttl(keyOf(first))).toBeLessThanOrEqual(5);
  });

  it('an AOR that left on its own while it was due is not announced as expired', async () => {
    const aor = newAor();
    const table = openTestTable(openStore(redis));
    await table.table.apply(aor, register([update('sip:a@h')]), farAway);
    await table.table.apply(aor, register([], { cseq: 2, removeAll: true }), farAway);
    await table.table.expire(aor, farAway);
    expect(table.events.map(({ change }) => change)).toEqual(['created', 'removed']);
  });

  it('only one process is told of what is due in a shard, and another takes over when it is gone', async () => {
    const aor = newAor();
    const [here, there] = [openStore(redis), openStore(redis)];
    await openTestTable(here).table.apply(aor, register([update('sip:a@h')]), farAway);
    const atMs = Date.now() + 700_000;
    await client.del(keys.of(aor).sweeper);
    expect((await here.takeDue(atMs)).aors).toContain(aor);
    expect((await there.takeDue(atMs)).aors).not.toContain(aor);
    const lease = await client.pttl(keys.of(aor).sweeper);
    expect(lease).toBeGreaterThan(0);
    expect(lease).toBeLessThanOrEqual(1000);
    await client.del(keys.of(aor).sweeper);
    expect((await there.takeDue(atMs)).aors).toContain(aor);
  });

  it('spreads AORs over all shards, each shard on one hash slot', () => {
    const used = new Set(Array.from({ length: 2000 }, (_, index) => keys.of(`sip:u${index}@example.com`)));
    expect(used.size).toBe(keys.shards.length);
    for (const { recordPrefix, expiries, changes, sweeper } of keys.shards) {
      const tag = recordPrefix.slice(0, recordPrefix.indexOf('}') + 1);
      for (const key of [expiries, changes, sweeper]) expect(key.startsWith(tag)).toBe(true);
    }
    // Stored data depends on it: this may never change.
    expect(keys.of('sip:alice@example.com').expiries).toBe('rc:{0}:exp');
  });

  it('a Redis that has forgotten the script is given it again', async () => {
    const aor = newAor();
    const { table } = openTestTable(openStore(redis));
    await table.apply(aor, register([update('sip:a@h')]), farAway);
    await client.script('FLUSH');
    const both = await Promise.all(
      ['sip:b@h', 'sip:c@h'].map((uri, index) =>
        table.apply(index === 0 ? aor : newAor(), register([update(uri)], { cseq: 2 }), farAway),
      ),
    );
    expect(both.map(({ bindings }) => bindings.length)).toEqual([2, 1]);
  });
});

describe('when Redis fails', () => {
  const unavailable = { name: 'ServiceFault', code: 14, reason: 'STORE_UNAVAILABLE' };

  it('R10.3-7k, U12: killed: a fault within a second; started again: all that was acknowledged is there', async () => {
    const redis = await startRedis({ own: true, durable: true });
    const metrics = new Metrics();
    try {
      const { table } = openTestTable(openStore(redis, 0, metrics));
      const aor = newAor();
      await table.apply(aor, register([update('sip:a@h')]), farAway);
      await redis.kill();
      for (const cseq of [2, 3]) {
        const startMs = Date.now();
        const failing = table.apply(aor, register([update('sip:b@h')], { cseq }), farAway);
        await expect(failing).rejects.toMatchObject(unavailable);
        expect(Date.now() - startMs).toBeLessThan(1000);
      }
      await expect(table.lookUp(aor)).rejects.toMatchObject(unavailable);
      await redis.restart();
      const bindings = await eventually(() => table.lookUp(aor));
      expect(bindings.map(({ uri }) => uri)).toEqual(['sip:a@h']);
      const again = await table.apply(aor, register([update('sip:b@h')], { cseq: 4 }), farAway);
      expect(again.bindings).toHaveLength(2);
      expect((await metrics.render()).body).toContain('rollcall_store_reconnects_total 1\n');
    } finally {
      await redis.stop();
    }
  });

  it('U12: silent: a fault within a second', async () => {
    const redis = await startRedis({ own: true });
    const client = new Redis(redis.url);
    try {
      const store = openStore(redis);
      const { table } = openTestTable(store);
      const aor = newAor();
      await table.apply(aor, register([update('sip:a@h')]), farAway);
      await client.call('CLIENT', 'PAUSE', '2500', 'ALL');
      const startMs = Date.now();
      await expect(table.lookUp(aor)).rejects.toMatchObject(unavailable);
      expect(Date.now() - startMs).toBeLessThan(1000);
      expect(await eventually(() => table.lookUp(aor))).toHaveLength(1);
      expect(await store.check()).toBeUndefined();
    } finally {
      client.disconnect();
      await redis.stop();
    }
  });

  it('a write that too few replicas have is not acknowledged; one that enough have is', async () => {
    const redis = await startRedis({ own: true });
    const replica = await startRedis({ own: true });
    const client = new Redis(replica.url);
    const primary = new Redis(redis.url);
    try {
      const { table } = openTestTable(openStore(redis, 1));
      const aor = newAor();
      const lonely = table.apply(aor, register([update('sip:a@h')]), farAway);
      await expect(lonely).rejects.toMatchObject({ code: 14, reason: 'REPLICAS_NOT_REACHED' });
      await primary.config('SET', 'repl-diskless-sync-delay', '0');
      await client.replicaof(redis.peer.host, redis.peer.port);
      await eventually(async () => {
        await primary.set('rollcall-test', 1);
        if ((await primary.wait(1, 100)) !== 1) throw new Error('not yet');
      });
      const second = register([update('sip:a@h')], { cseq: 2 });
      expect((await table.apply(aor, second, farAway)).outcome).toBe('applied');
      expect(await client.exists(keyOf(aor))).toBe(1);
    } finally {
      client.disconnect();
      primary.disconnect();
      await replica.stop();
      await redis.stop();
    }
  });

  it('asks Redis for nothing whose cost grows with the table', async () => {
    const redis = await startRedis({ own: true });
    const client = new Redis(redis.url);
    try {
      const store = openStore(redis);
      const { table } = openTestTable(store);
      const aor = newAor();
      await table.apply(aor, register([update('sip:a@h')]), farAway);
      await table.lookUp(aor);
      await store.takeDue(Date.now());
      const stats = await client.info('commandstats');
      expect(stats).toContain('cmdstat_zcard');
      expect(stats).not.toMatch(/cmdstat_(keys|scan|sscan|hscan|zscan|smembers|hgetall|dbsize)\b/);
    } finally {
      client.disconnect();
      await redis.stop();
    }
  });
});

/** Tries again until it works: how soon a client finds its server again is not what these tests are about. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const untilMs = Date.now() + 10_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }
}
