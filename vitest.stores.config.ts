import { defineConfig } from 'vitest/config';
import shared from './vitest.config.ts';

/** `npm run test:stores`: what a binding store promises: in memory, with one Redis, Redis Sentinel and a Redis Cluster of real processes. */
export default defineConfig({
  ...(shared.resolve === undefined ? {} : { resolve: shared.resolve }),
  ...(shared.ssr === undefined ? {} : { ssr: shared.ssr }),
  test: {
    include: [
      'services/location/test/binding-store.test.ts',
      'services/{location,auth}/test/redis-group.contract.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
