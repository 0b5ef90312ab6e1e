import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { globalNumber, localNumber } from './phone-number.ts';

describe('numbers', () => {
  it('are E.164 without visual separators', () => {
    expect(globalNumber('+1-555-12.34')).toBe('+15551234');
    expect(globalNumber('+(1)(555)1234')).toBe('+15551234');
  });

  it('are nothing else', () => {
    for (const text of ['', '+', '+-', '15551234', '+1555x', '+1 555', '++1', '+1234567890123456789'])
      expect(globalNumber(text), text).toBeUndefined();
  });

  it('are the same however they are separated', () => {
    const separator = fc.constantFrom('', '-', '.', '(', ')');
    const digit = fc.tuple(fc.integer({ min: 0, max: 9 }), separator);
    fc.assert(
      fc.property(fc.array(digit, { minLength: 1, maxLength: 18 }), (digits) => {
        const written = digits.map(([value, after]) => `${value}${after}`).join('');
        expect(globalNumber(`+${written}`)).toBe(`+${digits.map(([value]) => value).join('')}`);
      }),
    );
  });

  it('may be local, with the keys of a telephone', () => {
    expect(localNumber('12-34')).toBe('1234');
    expect(localNumber('*21#')).toBe('*21#');
    expect(localNumber('aF')).toBe('aF');
    expect(localNumber('12x')).toBe('');
  });
});
