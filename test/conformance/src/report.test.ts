import { expect, it } from 'vitest';
import { rowsOf } from './conformance-row.ts';
import { judgeRows } from './report.ts';

const rows = rowsOf('Z', [['Z1', '3261 §1', 0, 'Something']]);
const passed = { row: 'Z1', title: '', failure: undefined, tookMs: 1 };
const failed = { row: 'Z1', title: 'other', failure: 'status: expected 200', tookMs: 1 };
const nothing = {
  results: [],
  notApplicable: [],
  notYet: [],
  tested: new Map<string, readonly string[]>(),
};
const excuse = [{ row: 'Z1', reason: 'because' }];

it.each([
  ['untested', {}],
  ['passed', { results: [passed] }],
  ['failed', { results: [passed, failed] }],
  ['failed', { results: [failed], notYet: excuse }],
  ['not-yet', { results: [passed], notYet: excuse }],
  ['not-applicable', { notApplicable: excuse }],
  ['unit', { tested: new Map([['Z1', ['a.test.ts']]]) }],
] as const)('a row is %s', (state, evidence) => {
  expect(judgeRows(rows, { ...nothing, ...evidence }).map((verdict) => verdict.state)).toEqual([state]);
});

it('says which case failed, and how', () => {
  const [verdict] = judgeRows(rows, { ...nothing, results: [passed, failed] });
  expect(verdict?.reasons).toEqual(['other: status: expected 200']);
});
