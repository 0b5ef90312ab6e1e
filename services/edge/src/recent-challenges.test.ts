import { describe, expect, it } from 'vitest';
import { RecentChallenges } from './recent-challenges.ts';

describe('RecentChallenges', () => {
  it('T4: a repetition within 32 s gets the same rows, a later one does not', () => {
    const recent = new RecentChallenges(() => 0.5);
    recent.keep('0a1b2c3', 'rows', 1000);
    expect(recent.find('0a1b2c3', 32_999)).toBe('rows');
    expect(recent.find('0a1b2c3', 33_000)).toBeUndefined();
  });

  it('T4: remembers a hundred thousand, and of too many the youngest', () => {
    const recent = new RecentChallenges(() => 0.5);
    for (let index = 0; index < 200_000; index += 1) recent.keep(`tag${index}`, `${index}`, 10_000);
    expect(recent.find('tag10000', 10_000)).toBeUndefined();
    for (let index = 100_000; index < 200_000; index += 100)
      expect(recent.find(`tag${index}`, 10_000)).toBe(`${index}`);
  });

  it('gives nobody the challenge of another, however many there were', () => {
    const recent = new RecentChallenges(() => 0.5);
    const tags = Array.from({ length: 50_000 }, (_, index) => `tag${index.toString(32).padStart(6, '0')}`);
    for (const tag of tags) recent.keep(tag, `rows of ${tag}`, 0);
    const found = tags.filter((tag) => recent.find(tag, 1) !== undefined);
    expect(found.length).toBe(50_000);
    for (const tag of found) expect(recent.find(tag, 1)).toBe(`rows of ${tag}`);
  });
});
