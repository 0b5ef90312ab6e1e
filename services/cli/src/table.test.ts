import { expect, it } from 'vitest';
import { formatTable } from './table.ts';

it('lines columns up two blanks apart and draws nothing else', () => {
  const lines = formatTable(
    ['CONTACT', 'Q'],
    [
      ['sip:alice@192.0.2.1', '0.7'],
      ['sip:a@h', ''],
    ],
  );
  expect(lines).toEqual(['CONTACT              Q', 'sip:alice@192.0.2.1  0.7', 'sip:a@h']);
});

it('counts a character that is wide or coloured as wide as a terminal shows it', () => {
  const lines = formatTable(
    ['A', 'B'],
    [
      ['\u{1b}[32mgood\u{1b}[39m', 'x'],
      ['日本', 'y'],
    ],
  );
  expect(lines).toEqual(['A     B', '\u{1b}[32mgood\u{1b}[39m  x', '日本  y']);
});

it('leaves out a column with nothing in it', () => {
  expect(formatTable(['A', 'B', 'C'], [['1', '', '3']])).toEqual(['A  C', '1  3']);
});
