import { startRedis } from '@rollcall/testkit';
import { describeBindingStore } from './binding-store.contract.ts';
import { openTestStore } from './make-store.ts';

describeBindingStore('memory', async () => {
  const store = openTestStore('memory:');
  return { open: () => store, close: () => store.close() };
});

describeBindingStore('Redis', async () => {
  const redis = await startRedis();
  const stores: ReturnType<typeof openTestStore>[] = [];
  return {
    open: () => {
      const store = openTestStore(redis.url);
      stores.push(store);
      return store;
    },
    close: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await redis.stop();
    },
  };
});
