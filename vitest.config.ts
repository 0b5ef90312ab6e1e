import { defineConfig } from 'vitest/config';

const resolve = { conditions: ['rollcall-source', 'node'] };
const ssr = { resolve: { conditions: ['rollcall-source', 'node'] } };

/**
 * unit: beside the source, no sockets and no real time.
 * contract: one suite against several real backends (Redis, gRPC on loopback).
 * e2e: whole programs, real SIP clients.
 */
export default defineConfig({
  resolve,
  ssr,
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: [
            '{libs,services}/*/src/**/*.test.ts',
            'test/checks/**/*.test.ts',
            'test/conformance/**/*.test.ts',
          ],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'contract',
          include: ['{libs,services}/*/test/**/*.test.ts'],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['libs/*/src/**', 'services/*/src/**'],
      exclude: ['libs/rpc/src/gen/**'],
    },
  },
});
