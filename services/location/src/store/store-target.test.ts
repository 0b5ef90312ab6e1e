import { expect, it } from 'vitest';
import { parseStoreTarget } from './store-target.ts';

it.each([
  ['memory:', { kind: 'memory', maxAors: 1_000_000 }],
  ['memory:?max-aors=500', { kind: 'memory', maxAors: 500 }],
  ['rediss://h', { kind: 'redis', nodes: [{ host: 'h', port: 6379 }], tls: true }],
])('LOCATION_STORE may be %s', (text, target) => {
  expect(parseStoreTarget(text)).toMatchObject(target);
});

it.each(['', 'memory', 'memory:x', 'memory:?max-aors=0', 'memory:?max=5', 'redis://'])(
  'LOCATION_STORE may not be "%s"',
  (text) => {
    expect(parseStoreTarget(text)).toBeUndefined();
  },
);
