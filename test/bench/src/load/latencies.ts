/** Buckets for each doubling: a figure is exact to 2 percent. */
const perOctave = 32;
const octaves = 26;

/** Counts of latencies by logarithmic buckets, from 1 µs to a minute; counts of several processes add up. */
export class Latencies {
  readonly counts: number[];

  constructor(counts: number[] = new Array<number>(perOctave * octaves).fill(0)) {
    this.counts = counts;
  }

  add(microseconds: number): void {
    const index = Math.min(
      this.counts.length - 1,
      Math.max(0, Math.round(Math.log2(microseconds) * perOctave)),
    );
    this.counts[index] = (this.counts[index] ?? 0) + 1;
  }

  merge(counts: readonly number[]): void {
    counts.forEach((count, index) => {
      this.counts[index] = (this.counts[index] ?? 0) + count;
    });
  }

  /** The latency that so large a part (0 to 1) stays below, in milliseconds; NaN where there are none. */
  quantileMs(part: number): number {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    let seen = 0;
    for (const [index, count] of this.counts.entries()) {
      seen += count;
      if (seen >= total * part && seen > 0) return 2 ** (index / perOctave) / 1000;
    }
    return Number.NaN;
  }
}
