import { Metrics } from '@rollcall/runtime';
import { type RedisGroup, startRedisCluster, startRedisSentinel } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import { register, update } from '../../../libs/bindings/test/make-registration.ts';
import type { BindingStore } from '../src/store/binding-store.ts';
import { logStart } from '../src/store/log-position.ts';
import { shardIndexOf } from '../src/store/redis-keys.ts';
import { parseStoreTarget, type StoreTarget } from '../src/store/store-target.ts';
import { describeBindingStore } from './binding-store.contract.ts';
import { describeLocationApi } from './location-api.contract.ts';
import { farAway, newAor, openPrefixedStore, openTestStore, openTestTable } from './make-store.ts';

// What a store promises holds for every way to run Redis: `npm run test:stores`.

const starters: Readonly<Record<string, () => Promise<RedisGroup>>> = {
  'Redis with Sentinel': startRedisSentinel,
  'Redis Cluster, 3 + 3': startRedisCluster,
};

// The hash tag must stay what decides about the node.
describeGroup('Redis Cluster, 3 + 3, with a key prefix', startRedisCluster, (url) =>
  openPrefixedStore(url, 'site-1:'),
);

for (const [name, start] of Object.entries(starters)) {
  describeGroup(name, start, openTestStore);

  describeLocationApi(name, async () => {
    const group = await start();
    return { target: targetOf(group.url), close: () => group.stop() };
  });

  it(`${name}: a master dies: faults for some seconds, then everything a replica had`, async () => {
    const group = await start();
    const metrics = new Metrics();
    const store = openTestStore(group.url, 0, metrics);
    const failovers = async () =>
      /^rollcall_store_failovers_total (\d+)$/m.exec((await metrics.render()).body)?.[1];
    try {
      const { table } = openTestTable(store);
      const aors = Array.from({ length: 200 }, newAor);
      await Promise.all(aors.map((aor) => eventually(() => bind(table, aor, 1))));
      // Replication is asynchronous; what is asked for here is what was replicated.
      await group.whenReplicated();
      await store.takeDue(Date.now());
      expect(await failovers()).toBe('0');
      await group.killMaster();
      const startMs = Date.now();
      await Promise.all(aors.map((aor) => eventually(() => bind(table, aor, 2))));
      expect(Date.now() - startMs).toBeLessThan(25_000);
      for (const aor of aors) {
        const bindings = await table.lookUp(aor);
        expect(bindings).toMatchObject([{ uri: 'sip:a@h', cseq: 2 }]);
        expect(bindings[0]?.registeredAtMs).toBeGreaterThanOrEqual(startMs);
        const log = await store.readLog(shardIndexOf(aor), logStart, 1000);
        const own = (log ?? []).filter((change) => change.aor === aor).map(({ change }) => change);
        expect(own).toEqual(['created', 'refreshed']);
      }
      // The sweep comes every quarter of a second, and looks who is master.
      await eventually(() => store.takeDue(Date.now()));
      expect(await failovers()).toBe('1');
    } finally {
      await store.close();
      await group.stop();
    }
  });
}

function describeGroup(
  name: string,
  start: () => Promise<RedisGroup>,
  openOne: (url: string) => BindingStore,
): void {
  describeBindingStore(name, async () => {
    const group = await start();
    const stores: BindingStore[] = [];
    return {
      open: () => {
        const store = openOne(group.url);
        stores.push(store);
        return store;
      },
      close: async () => {
        await Promise.all(stores.map((store) => store.close()));
        await group.stop();
      },
    };
  });
}

function bind(table: ReturnType<typeof openTestTable>['table'], aor: string, cseq: number) {
  return table.apply(aor, register([update('sip:a@h')], { cseq }), farAway);
}

function targetOf(url: string): StoreTarget {
  const target = parseStoreTarget(url);
  if (target === undefined) throw new Error(`no store: ${url}`);
  return target;
}

/** As phones do: they try again. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  const untilMs = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > untilMs) throw error;
      await pause(100);
    }
  }
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
