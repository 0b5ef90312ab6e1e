/**
 * `npm run conformance:rows`: the rows that no test carries, by priority. A row is tested where a conformance case has it,
 * or where the title of a test of a library or service begins with it. Ends with 1 where a P0 or P1 row of the areas that
 * parser, comparison and transactions answer for has none.
 */
import { allCases, notApplicable, notYet } from './all-cases.ts';
import { rows } from './rows.ts';
import { findTestedRows } from './test-titles.ts';

const strictAreas = ['A', 'G', 'H', 'I', 'K', 'L'];

const tested = await findTestedRows(new Set(rows.map(({ id }) => id)));
const withCase = new Set(allCases.map(({ row }) => row));
const excused = new Map([...notApplicable, ...notYet].map(({ row, reason }) => [row, reason]));
const unknown = [...withCase, ...excused.keys()].filter((id) => !rows.some((row) => row.id === id));
if (unknown.length > 0) throw new Error(`no such rows: ${unknown.join(', ')}`);
const without = rows.filter(({ id }) => !withCase.has(id) && !tested.has(id));
for (const priority of [0, 1, 2] as const) {
  const among = without.filter((row) => row.priority === priority);
  const total = rows.filter((row) => row.priority === priority).length;
  console.log(`P${priority}: ${total} rows, ${among.length} without a test`);
  for (const { id, area, requirement } of among) {
    const reason = excused.get(id);
    console.log(`  ${area} ${id}: ${requirement}${reason === undefined ? '' : ` [${reason}]`}`);
  }
}
const owed = without.filter(
  ({ id, area, priority }) => priority < 2 && strictAreas.includes(area) && !excused.has(id),
);
if (owed.length > 0) {
  console.error(`owed in areas ${strictAreas.join(', ')}: ${owed.map(({ id }) => id).join(', ')}`);
  process.exitCode = 1;
}
