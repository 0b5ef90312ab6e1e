/** How two samples of a quantity differ, without any notion of how it is distributed. */
export interface SampleDifference {
  /** Kolmogorov and Smirnov's D: the largest distance between the two distribution functions, 0 to 1. */
  readonly ks: number;
  /** What D exceeds by chance once in twenty times, where both samples are of one distribution. */
  readonly ksByChance: number;
  /**
   * Mann and Whitney's U as a share: how probable it is that a value of the second sample is larger than one of the first,
   * equal ones counted half. 0.5: nobody can tell them apart by their order.
   */
  readonly secondLarger: number;
}

/** Compares two samples; neither may be empty. */
export function compareSamples(first: readonly number[], second: readonly number[]): SampleDifference {
  const [one, other] = [first.toSorted(ascending), second.toSorted(ascending)];
  const [n, m] = [one.length, other.length];
  let [i, j, ks, wins] = [0, 0, 0, 0];
  while (i < n || j < m) {
    const value = Math.min(one[i] ?? Number.POSITIVE_INFINITY, other[j] ?? Number.POSITIVE_INFINITY);
    const [i0, j0] = [i, j];
    while (i < n && one[i] === value) i += 1;
    while (j < m && other[j] === value) j += 1;
    // Each value of the second that is met here is larger than the i0 before it, and equal to i - i0.
    wins += (j - j0) * (i0 + (i - i0) / 2);
    ks = Math.max(ks, Math.abs(i / n - j / m));
  }
  return { ks, ksByChance: 1.358 * Math.sqrt((n + m) / (n * m)), secondLarger: wins / (n * m) };
}

/** The value below which that share of the sample lies; NaN of an empty one. */
export function quantile(sample: readonly number[], share: number): number {
  const sorted = sample.toSorted(ascending);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

function ascending(one: number, other: number): number {
  return one - other;
}
