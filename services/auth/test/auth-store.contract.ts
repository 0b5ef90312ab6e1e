import { describe, expect, it } from 'vitest';
import type { AuthStore, FailureLimits, Lockout, NonceUse } from '../src/store/auth-store.ts';

const limits: FailureLimits = { perUser: 3, perSource: 6, windowMs: 60_000 };

/** What every AuthStore promises. `open` gives two replicas' views of one state, or the same one twice. */
export function describeAuthStore(
  name: string,
  open: () => Promise<{ one: AuthStore; other: AuthStore; nowMs: number }>,
): void {
  describe(`${name}: nonce counts`, () => {
    const nonceAt = (nowMs: number, change: Partial<NonceUse> = {}): NonceUse => ({
      nonce: 'a-nonce',
      nc: 1,
      requestKey: 'one',
      issuedAtMs: nowMs - 1000,
      expiresAtMs: nowMs + 60_000,
      ...change,
    });

    it('A9 A11: rise, with gaps; a lower or equal one is a replay and changes nothing', async () => {
      const { one, nowMs } = await open();
      expect(await one.useNonce(nonceAt(nowMs), nowMs)).toBe(true);
      expect(await one.useNonce(nonceAt(nowMs, { nc: 5, requestKey: 'two' }), nowMs)).toBe(true);
      expect(await one.useNonce(nonceAt(nowMs, { nc: 5, requestKey: 'three' }), nowMs)).toBe(false);
      expect(await one.useNonce(nonceAt(nowMs, { nc: 2, requestKey: 'four' }), nowMs)).toBe(false);
      expect(await one.useNonce(nonceAt(nowMs, { nc: 6, requestKey: 'five' }), nowMs)).toBe(true);
    });

    it('A9: a retransmission of the last request is no replay', async () => {
      const { one, other, nowMs } = await open();
      expect(await one.useNonce(nonceAt(nowMs), nowMs)).toBe(true);
      expect(await other.useNonce(nonceAt(nowMs), nowMs)).toBe(true);
    });

    it('A10: of one nonce used on two replicas at once, exactly one passes', async () => {
      const { one, other, nowMs } = await open();
      const uses = Array.from({ length: 20 }, (_, i) =>
        (i % 2 === 0 ? one : other).useNonce(nonceAt(nowMs, { requestKey: `request ${i}` }), nowMs),
      );
      const fresh = await Promise.all(uses);
      expect(fresh.filter(Boolean)).toHaveLength(1);
    });

    it('an expired nonce is not fresh', async () => {
      const { one, nowMs } = await open();
      expect(await one.useNonce(nonceAt(nowMs, { expiresAtMs: nowMs }), nowMs)).toBe(false);
    });
  });

  describe(`${name}: failures`, () => {
    const failure = { realm: 'example.com', username: 'alice', source: '198.51.100.1' };

    it('A27: lock a user out from one source, and nobody else', async () => {
      const { one, other, nowMs } = await open();
      expect(await one.countFailure(failure, limits, nowMs)).toEqual([]);
      expect(await other.countFailure(failure, limits, nowMs)).toEqual([]);
      expect(await one.countFailure({ ...failure, source: '198.51.100.2' }, limits, nowMs)).toEqual([]);
      const lockouts = await one.countFailure(failure, limits, nowMs);
      expect(lockouts).toEqual([{ ...failure, untilMs: nowMs + 60_000 }]);
      expect(await one.countFailure(failure, limits, nowMs)).toEqual([]);
    });

    it('A27: of many users from one source lock out the source', async () => {
      const { one, nowMs } = await open();
      const made: Lockout[] = [];
      for (let i = 0; i < 6; i += 1) {
        made.push(...(await one.countFailure({ ...failure, username: `user ${i}` }, limits, nowMs)));
      }
      expect(made).toEqual([{ realm: '', username: '', source: failure.source, untilMs: nowMs + 60_000 }]);
    });

    it('A27: tell their lock-outs to listeners on every replica', async () => {
      const { one, other, nowMs } = await open();
      const told = new Promise<Lockout>((resolve) => other.onLockout(resolve));
      for (let i = 0; i < limits.perUser; i += 1) await one.countFailure(failure, limits, nowMs);
      expect(await told).toEqual({ ...failure, untilMs: nowMs + 60_000 });
    });

    it('CN6: keep apart names of any bytes', async () => {
      const { one, nowMs } = await open();
      const odd = (username: string, source: string) =>
        one.countFailure({ realm: 'example.com', username, source }, { ...limits, perUser: 2 }, nowMs);
      expect(await odd('a\r\nDEL *\0{}', '198.51.100.1')).toEqual([]);
      expect(await odd('a\r\nDEL *\0{', '198.51.100.1')).toEqual([]);
      const lockouts = await odd('a\r\nDEL *\0{}', '198.51.100.1');
      expect(lockouts.map(({ username }) => username)).toEqual(['a\r\nDEL *\0{}']);
    });
  });

  it(`${name}: is ready`, async () => {
    const { one } = await open();
    expect(one.check()).toBeUndefined();
  });
}
