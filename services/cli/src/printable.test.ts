import { expect, it } from 'vitest';
import { printable, withoutControls } from './printable.ts';

it('reads byte strings as UTF-8', () => {
  expect(printable('J\u00c3\u00bcrgen')).toBe('Jürgen');
});

it('lets no escape sequence, line end or direction mark of a phone reach the terminal', () => {
  expect(printable('\u001b[2Jred\r\n')).toBe('\ufffd[2Jred\ufffd\ufffd');
  expect(withoutControls('a\u202eb\u0085c')).toBe('a\ufffdb\ufffdc');
});
