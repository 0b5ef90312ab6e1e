import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExpiryPolicy, grantExpiry, isTooBrief, requestedExpiry, spreadOf } from './expiry-policy.ts';

const policy: ExpiryPolicy = {
  defaultExpiresSec: 3600,
  minExpiresSec: 60,
  maxExpiresSec: 7200,
  jitterPercent: 10,
};

describe('the expiry asked for', () => {
  it('R10.3-7a: is the parameter, else the header, else the default', () => {
    expect(requestedExpiry(120, 600, policy)).toBe(120);
    expect(requestedExpiry(undefined, 600, policy)).toBe(600);
    expect(requestedExpiry(undefined, undefined, policy)).toBe(3600);
    expect(requestedExpiry(0, 600, policy)).toBe(0);
  });

  it('R10.3-7b: is too brief only above 0, below the minimum and below an hour', () => {
    expect(isTooBrief(10, policy)).toBe(true);
    expect(isTooBrief(59, policy)).toBe(true);
    expect(isTooBrief(60, policy)).toBe(false);
    expect(isTooBrief(0, policy)).toBe(false);
    const long = { ...policy, minExpiresSec: 7200 };
    expect(isTooBrief(3600, long)).toBe(false);
    expect(isTooBrief(3599, long)).toBe(true);
  });
});

describe('the expiry granted', () => {
  it('R10.3-7d: is shortened to the maximum', () => {
    expect(grantExpiry(999_999, policy, 0)).toBe(7200);
    expect(grantExpiry(2 ** 32 - 1, policy, 0)).toBe(7200);
  });

  it('is never longer than asked for, even where that is below the minimum', () => {
    expect(grantExpiry(3600, { ...policy, minExpiresSec: 7200 }, 0.9)).toBe(3600);
  });

  it('is what was asked for without jitter', () => {
    expect(grantExpiry(600, { ...policy, jitterPercent: 0 }, 0.99)).toBe(600);
  });

  it('is shortened by at most the jitter, and not below the minimum', () => {
    const asked = fc.integer({ min: 60, max: 100_000 });
    const spread = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(asked, spread, fc.integer({ min: 0, max: 90 }), (askedSec, at, jitterPercent) => {
        const granted = grantExpiry(askedSec, { ...policy, jitterPercent }, at);
        const longest = Math.min(askedSec, policy.maxExpiresSec);
        expect(Number.isInteger(granted)).toBe(true);
        expect(granted).toBeLessThanOrEqual(longest);
        expect(granted).toBeGreaterThanOrEqual(Math.max(60, Math.floor(longest * (1 - jitterPercent / 100))));
      }),
    );
  });
});

describe('the spread', () => {
  it('is the same for the same request, so that a replay is granted the same', () => {
    expect(spreadOf('a84b4c76e66710', 7)).toBe(spreadOf('a84b4c76e66710', 7));
    expect(spreadOf('a84b4c76e66710', 7)).not.toBe(spreadOf('a84b4c76e66710', 8));
  });

  it('fills the range evenly over Call-IDs and CSeqs', () => {
    const tenths = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n += 1) {
      const tenth = Math.floor(spreadOf(`phone-${n % 2500}@192.0.2.1`, Math.floor(n / 2500)) * 10);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    for (const count of tenths) expect(count).toBeGreaterThan(700);
  });
});
