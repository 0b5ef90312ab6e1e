import type { ExcusedRow } from './conformance-case.ts';
import type { ConformanceRow } from './conformance-row.ts';
import { areaTitles } from './rows.ts';
import type { CaseResult } from './run-cases.ts';

/** What is known of a row. */
export interface RowVerdict {
  readonly row: ConformanceRow;
  /** `unit`: no case here, but tests of the packages carry it. `untested`: nothing. */
  readonly state: 'passed' | 'failed' | 'not-applicable' | 'not-yet' | 'unit' | 'untested';
  /** Why: failures, or the reason for there being no case. */
  readonly reasons: readonly string[];
  /** Cases that ran. */
  readonly cases: number;
  /** Test files whose titles carry the row. */
  readonly files: readonly string[];
}

/** What there is to judge rows by. */
export interface Evidence {
  readonly results: readonly CaseResult[];
  readonly notApplicable: readonly ExcusedRow[];
  readonly notYet: readonly ExcusedRow[];
  /** Test files by row. */
  readonly tested: ReadonlyMap<string, readonly string[]>;
}

/** Judges each row; one failure among its cases fails it. A row may have cases for one part and wait for another. */
export function judgeRows(rows: readonly ConformanceRow[], evidence: Evidence): RowVerdict[] {
  return rows.map((row) => {
    const own = evidence.results.filter((result) => result.row === row.id);
    const failures = own.flatMap(({ failure, title }) =>
      failure === undefined ? [] : [title === '' ? failure : `${title}: ${failure}`],
    );
    const reasonsIn = (list: readonly ExcusedRow[]) =>
      list.filter((each) => each.row === row.id).map(({ reason }) => reason);
    const files = evidence.tested.get(row.id) ?? [];
    const base = { row, cases: own.length, files };
    if (failures.length > 0) return { ...base, state: 'failed', reasons: failures };
    const [missing, foreign] = [reasonsIn(evidence.notYet), reasonsIn(evidence.notApplicable)];
    if (missing.length > 0) return { ...base, state: 'not-yet', reasons: missing };
    if (foreign.length > 0) return { ...base, state: 'not-applicable', reasons: foreign };
    if (own.length > 0) return { ...base, state: 'passed', reasons: [] };
    return { ...base, state: files.length > 0 ? 'unit' : 'untested', reasons: [] };
  });
}

/** The table by area, and below it what did not pass and why. */
export function formatReport(verdicts: readonly RowVerdict[], results: readonly CaseResult[]): string {
  const states = ['passed', 'failed', 'unit', 'not-applicable', 'not-yet', 'untested'] as const;
  const headings = ['passed', 'failed', 'unit only', 'not applicable', 'not yet', 'untested'];
  const lines = [[''.padEnd(38), ...headings.map((each) => each.padStart(15))].join('')];
  const count = (among: readonly RowVerdict[]) =>
    states.map((state) => String(among.filter((each) => each.state === state).length).padStart(15)).join('');
  for (const area of new Set(verdicts.map(({ row }) => row.area))) {
    const among = verdicts.filter(({ row }) => row.area === area);
    lines.push(`${area}  ${areaTitles[area] ?? ''}`.padEnd(38) + count(among));
  }
  lines.push('all'.padEnd(38) + count(verdicts));
  const took = results.reduce((longest, { tookMs }) => Math.max(longest, tookMs), 0);
  lines.push('', `${results.length} cases; the longest took ${(took / 1000).toFixed(1)} s`);
  for (const [state, heading] of [
    ['failed', 'failed'],
    ['not-yet', 'not yet'],
    ['not-applicable', 'not applicable'],
    ['untested', 'untested'],
  ] as const) {
    const among = verdicts.filter((each) => each.state === state);
    if (among.length === 0) continue;
    lines.push('', `${heading}:`);
    for (const { row, reasons } of among) {
      lines.push(
        `  ${row.id} (P${row.priority}) ${row.requirement}`,
        ...reasons.map((each) => `      ${each}`),
      );
    }
  }
  return lines.join('\n');
}
