import { startRedis } from '@rollcall/testkit';
import { parseStoreTarget } from '../src/store/store-target.ts';
import { describeLocationApi } from './location-api.contract.ts';

const targetOf = (url: string) => {
  const target = parseStoreTarget(url);
  if (target === undefined) throw new Error(`no store: ${url}`);
  return target;
};

describeLocationApi('memory', async () => ({
  target: targetOf('memory:'),
  close: () => Promise.resolve(),
}));

describeLocationApi('Redis', async () => {
  const redis = await startRedis();
  return { target: targetOf(redis.url), close: () => redis.stop() };
});
