import { startRedis } from '@rollcall/testkit';
import type { BindingStore } from '../src/store/binding-store.ts';
import { describeBindingStore } from './binding-store.contract.ts';
import { openPrefixedStore, openTestStore } from './make-store.ts';

describeBindingStore('memory', async () => {
  const store = openTestStore('memory:');
  return { open: () => store, close: () => store.close() };
});

const openers: Readonly<Record<string, (url: string) => BindingStore>> = {
  Redis: openTestStore,
  'Redis with a key prefix': (url) => openPrefixedStore(url, 'site-1:'),
};

for (const [name, openOne] of Object.entries(openers)) {
  describeBindingStore(name, async () => {
    const redis = await startRedis();
    const stores: BindingStore[] = [];
    return {
      open: () => {
        const store = openOne(redis.url);
        stores.push(store);
        return store;
      },
      close: async () => {
        await Promise.all(stores.map((store) => store.close()));
        await redis.stop();
      },
    };
  });
}
