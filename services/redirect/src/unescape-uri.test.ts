import { describe, expect, it } from 'vitest';
import { unescapeUri } from './unescape-uri.ts';

describe('escapes', () => {
  it('R10.3-5e: are decoded exactly once', () => {
    expect(unescapeUri('plain')).toBe('plain');
    expect(unescapeUri('%2B1555%2d12')).toBe('+1555-12');
    expect(unescapeUri('%2561')).toBe('%61');
    expect(unescapeUri('a%00b')).toBe('a\u0000b');
  });

  it('that are none stay as they are', () => {
    expect(unescapeUri('50%')).toBe('50%');
    expect(unescapeUri('%zz%4')).toBe('%zz%4');
    expect(unescapeUri('%%41')).toBe('%A');
  });
});
