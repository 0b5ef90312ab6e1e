import { describe, expect, it } from 'vitest';
import { exercise } from '../fuzz/exercise.ts';
import { readCrashers, readSeeds } from '../fuzz/inputs.ts';

describe('fuzzing', () => {
  it('no input that was ever a finding is one again', () => {
    for (const bytes of readCrashers()) expect(() => exercise(bytes)).not.toThrow();
  });

  it('no input of the corpus is a finding', () => {
    const seeds = readSeeds();
    // The torture messages are among them: an empty list would prove nothing.
    expect(seeds.length).toBeGreaterThan(62);
    for (const bytes of seeds) expect(() => exercise(bytes)).not.toThrow();
  });
});
