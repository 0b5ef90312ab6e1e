import { describe, expect, it } from 'vitest';
import { RecentChallenges } from './recent-challenges.ts';

describe('RecentChallenges', () => {
  it('T4: a repetition within 32 s gets the same rows, a later one does not', () => {
    const recent = new RecentChallenges();
    recent.keep('0a1b2c3', 'rows', 1000);
    expect(recent.find('0a1b2c3', 32_999)).toBe('rows');
    expect(recent.find('0a1b2c3', 33_000)).toBeUndefined();
  });

  it('gives nobody the challenge of another, however many there were', () => {
    const recent = new RecentChallenges();
    const tags = Array.from({ length: 50_000 }, (_, index) => `tag${index.toString(32).padStart(6, '0')}`);
    for (const tag of tags) recent.keep(tag, `rows of ${tag}`, 0);
    const found = tags.filter((tag) => recent.find(tag, 1) !== undefined);
    expect(found.length).toBeGreaterThan(1000);
    for (const tag of found) expect(recent.find(tag, 1)).toBe(`rows of ${tag}`);
  });
});
