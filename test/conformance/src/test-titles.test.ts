import { expect, it } from 'vitest';
import { rowsNamedIn } from './test-titles.ts';

const ids = new Set(['M1', 'M10', 'T1', 'C1', 'R10.3-7i', 'TT-wsinv']);

it.each([
  ["it('M1: compact names', () => {})", ['M1']],
  ["it('M1, R10.3-7i: both', () => {})", ['M1', 'R10.3-7i']],
  ['describe("M10: mandatory headers", () => {})', ['M10']],
  ["it.each(['1.5', 'abc'])('M1: %s', () => {})", ['M1']],
  ["{ file: 'wsinv.dat', id: 'TT-wsinv', expect: 'good' }", ['TT-wsinv']],
  ["['C1', 'sip:a@h', 'sip:b@h', false],", ['C1']],
])('reads the rows out of %s', (source, rows) => {
  expect([...rowsNamedIn(source, ids)]).toEqual(rows);
});

it.each([
  "it('gives T1: what the RFC says', () => {})",
  "it('C1, whatever that is: no list', () => {})",
  "const branch = 'T1';",
  "it('M19: a row that does not exist', () => {})",
])('finds none in %s', (source) => {
  expect([...rowsNamedIn(source, ids)]).toEqual([]);
});
