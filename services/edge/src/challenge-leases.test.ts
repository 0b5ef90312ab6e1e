import { ManualClock } from '@rollcall/testkit';
import { describe, expect, it } from 'vitest';
import { ChallengeLeases } from './challenge-leases.ts';

const lifetimeMs = 20_000;

/** Leases of one domain from an auth that gives what is asked for, and notes how much that was. */
function leasesOf() {
  const clock = new ManualClock();
  const asked: number[] = [];
  const leases = new ChallengeLeases({
    clock,
    lease: async ({ domain, count }) => {
      asked.push(count);
      const nonces = Array.from({ length: count }, (_, index) => `${asked.length}/${index}`);
      return {
        lease: { domain, nonces, opaque: 'o', algorithms: ['MD5'], qop: 'auth', lifetimeMs, networks: [] },
      };
    },
  });
  const take = () => /nonce="([^"]*)"/.exec(leases.take('d', '192.0.2.1') ?? '')?.[1];
  return { clock, asked, leases, take };
}

const settle = () => new Promise(setImmediate);

describe('leases', () => {
  it('what is left of a lot is used before the next one', async () => {
    const { asked, leases, take } = leasesOf();
    leases.learn('d');
    await settle();
    for (let taken = 0; taken < 9; taken += 1) expect(take()).toBe(`1/${taken}`);
    await settle();
    expect(asked).toHaveLength(2);
    for (let taken = 9; taken < 16; taken += 1) expect(take()).toBe(`1/${taken}`);
    expect(take()).toBe('2/0');
  });

  it('what is over is not used, and the next lot is', async () => {
    const { clock, leases, take } = leasesOf();
    leases.learn('d');
    await settle();
    clock.advance(lifetimeMs / 2 + 1);
    expect(take()).toBe('1/0');
    await settle();
    clock.advance(lifetimeMs / 2);
    expect(take()).toBe('2/0');
  });

  it('those that found no lot count for the size of the next: it lasts for the storm', async () => {
    const { clock, asked, leases, take } = leasesOf();
    leases.learn('d');
    for (let missed = 0; missed < 300; missed += 1) expect(take()).toBeUndefined();
    clock.advance(100);
    await settle();
    for (let taken = 0; taken < 16; taken += 1) expect(take()).toBeDefined();
    await settle();
    expect(asked[1]).toBeGreaterThanOrEqual(600);
  });

  it('a domain with a phone now and then gets the smallest lots', async () => {
    const { clock, asked, leases, take } = leasesOf();
    leases.learn('d');
    await settle();
    for (let taken = 0; taken < 60; taken += 1) {
      clock.advance(1000);
      expect(take()).toBeDefined();
      await settle();
    }
    expect(new Set(asked)).toEqual(new Set([16]));
  });

  it('a domain that is no longer served is forgotten', async () => {
    const clock = new ManualClock();
    let served = true;
    const lease = {
      domain: 'd',
      nonces: ['1', '2'],
      opaque: 'o',
      algorithms: ['MD5'],
      qop: 'auth',
      lifetimeMs: 1000,
      networks: [],
    };
    const leases = new ChallengeLeases({ clock, lease: async () => ({ lease: served ? lease : undefined }) });
    leases.learn('d');
    await Promise.resolve();
    await Promise.resolve();
    expect(leases.take('d', '192.0.2.1')).toContain('nonce="1"');
    served = false;
    clock.advance(1000);
    expect(leases.take('d', '192.0.2.1')).toBeUndefined();
    await Promise.resolve();
    await Promise.resolve();
    served = true;
    expect(leases.take('d', '192.0.2.1')).toBeUndefined();
  });
});
