import { expect, it } from 'vitest';
import { RecordCache } from './record-cache.ts';

const seen = (revision: number) => ({ revision, record: { bindings: [], nonces: [], nonceFloorMs: 0 } });

it('drops what was used least recently beyond its size', () => {
  const cache = new RecordCache(2);
  cache.set('a', seen(1));
  cache.set('b', seen(2));
  cache.set('a', seen(3));
  cache.set('c', seen(4));
  expect(['a', 'b', 'c'].map((aor) => cache.get(aor).revision)).toEqual([3, 0, 4]);
});

it('that there is no record takes no room', () => {
  const cache = new RecordCache(1);
  cache.set('a', seen(1));
  cache.set('b', { revision: 0, record: undefined });
  expect(cache.get('a').revision).toBe(1);
  cache.set('a', { revision: 0, record: undefined });
  expect(cache.get('a')).toEqual({ revision: 0, record: undefined });
});
