import { describe, expect, it } from 'vitest';
import { compareSamples, quantile } from './two-samples.ts';

describe('two samples', () => {
  it('the same values differ in nothing', () => {
    expect(compareSamples([3, 1, 2], [2, 3, 1])).toMatchObject({ ks: 0, secondLarger: 0.5 });
  });

  it('values that are all larger differ as much as can be', () => {
    expect(compareSamples([1, 2, 3], [4, 5])).toMatchObject({ ks: 1, secondLarger: 1 });
    expect(compareSamples([4, 5], [1, 2, 3])).toMatchObject({ ks: 1, secondLarger: 0 });
  });

  it('counts pairs, equal ones half', () => {
    // Of the six pairs: 2 > 1, 2 = 2, 2 < 3, 4 > each.
    expect(compareSamples([1, 2, 3], [2, 4]).secondLarger).toBeCloseTo(4.5 / 6, 12);
    expect(compareSamples([1, 2, 3], [2, 4]).ks).toBeCloseTo(1 / 2, 12);
  });

  it('finds quantiles', () => {
    const sample = Array.from({ length: 100 }, (_, index) => 99 - index);
    expect([quantile(sample, 0), quantile(sample, 0.5), quantile(sample, 0.9), quantile(sample, 1)]).toEqual([
      0, 50, 90, 99,
    ]);
  });
});
