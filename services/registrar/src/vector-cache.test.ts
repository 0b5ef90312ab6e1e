import { describe, expect, it } from 'vitest';
import { FakeAuth, ManualClock, realm } from '../test/fakes.ts';
import { VectorCache, type VectorWanted } from './vector-cache.ts';

const wanted = (username: string, userhash = false): VectorWanted => ({
  realm,
  username,
  userhash,
  algorithm: '',
});

function cacheOf(size = 10) {
  const clock = new ManualClock();
  const auth = new FakeAuth(clock);
  return { auth, vectors: new VectorCache({ auth, clock, size }) };
}

describe('the cache of vectors', () => {
  it('keeps a vector only once it has proved right', async () => {
    const { vectors } = cacheOf();
    const fetched = await vectors.fetch(wanted('alice'), '');
    expect(vectors.get(wanted('alice'))).toBeUndefined();
    fetched.keep();
    expect(vectors.get(wanted('alice'))?.aors).toEqual(['sip:alice@example.com']);
  });

  it('asks once for a burst of requests', async () => {
    const { auth, vectors } = cacheOf();
    await Promise.all([1, 2, 3].map(() => vectors.fetch(wanted('alice'), '')));
    expect(auth.timesAsked('getVector')).toBe(1);
  });

  it('is bounded', async () => {
    const { vectors } = cacheOf(2);
    for (const name of ['a', 'b', 'c']) (await vectors.fetch(wanted(name), '')).keep();
    expect(vectors.size).toBe(2);
    expect(vectors.get(wanted('a'))).toBeUndefined();
  });

  it('A23: forgets a user under both forms of its name', async () => {
    const { vectors } = cacheOf();
    for (const name of ['alice', 'alice@example.com', 'bob']) (await vectors.fetch(wanted(name), '')).keep();
    vectors.drop([{ realm, username: 'alice' }]);
    expect(vectors.get(wanted('alice'))).toBeUndefined();
    expect(vectors.get(wanted('alice@example.com'))).toBeUndefined();
    expect(vectors.get(wanted('bob'))).toBeDefined();
    vectors.drop([]);
    expect(vectors.size).toBe(0);
  });

  it('does not keep an answer that was called untrue while it was under way', async () => {
    const { vectors } = cacheOf();
    const one = vectors.fetch(wanted('alice'), '');
    vectors.drop([{ realm, username: 'alice' }]);
    (await one).keep();
    const other = vectors.fetch(wanted('alice'), '');
    vectors.drop([]);
    (await other).keep();
    expect(vectors.get(wanted('alice'))).toBeUndefined();
  });

  it('does not keep what auth says is not to be kept', async () => {
    const { auth, vectors } = cacheOf();
    auth.users.set('alice', { password: 'wonderland', vector: { lifetimeMs: 0 } });
    (await vectors.fetch(wanted('alice'), '')).keep();
    expect(vectors.size).toBe(0);
  });

  it('A20: does not keep vectors under hashed names, which invalidations do not name', async () => {
    const { vectors } = cacheOf();
    (await vectors.fetch(wanted('1828216e', true), '')).keep();
    expect(vectors.size).toBe(0);
    expect(vectors.get(wanted('1828216e', true))).toBeUndefined();
  });
});
