/**
 * `npm run conformance`: the product, started for the purpose, against every row over real sockets. The whole suite writes
 * docs/protocol-support.md.
 *
 *   --services    five processes with Redis instead of standalone
 *   --area A,C    only these areas
 *   --row M1,U8   only these rows
 *   --quick       without the cases that wait for long timers
 *   --json        results as JSON
 *   --no-write    leaves docs/protocol-support.md as it is
 */

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { readScriptOptions } from '@rollcall/testkit';
import { allCases, notApplicable, notYet } from './all-cases.ts';
import { startProduct } from './product.ts';
import { formatReport, judgeRows } from './report.ts';
import { rows } from './rows.ts';
import { runCases } from './run-cases.ts';
import { formatProtocolSupport } from './support-page.ts';
import { findTestedRows } from './test-titles.ts';

const values = readScriptOptions({
  options: {
    services: { type: 'boolean', default: false },
    area: { type: 'string' },
    row: { type: 'string' },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    'no-write': { type: 'boolean', default: false },
  },
});
const areas = values.area?.toUpperCase().split(',');
const ids = values.row?.split(',');
const chosen = rows.filter(({ area, id }) => (areas?.includes(area) ?? true) && (ids?.includes(id) ?? true));
const chosenIds = new Set(chosen.map(({ id }) => id));
const cases = allCases.filter(({ row, slow }) => chosenIds.has(row) && !(values.quick && slow === true));
if (chosen.length === 0) {
  console.error(
    `no such area or row; the areas are ${[...new Set(rows.map(({ area }) => area))].join(', ')}`,
  );
  process.exit(2);
}

const kind = values.services ? 'services' : 'standalone';
console.error(`starting ${kind === 'services' ? 'five processes with Redis' : 'standalone'} …`);
const product = await startProduct(kind);
let results: Awaited<ReturnType<typeof runCases>>;
try {
  console.error(`${cases.length} cases …`);
  results = await runCases(cases, product, ({ row, title, failure }) => {
    if (failure !== undefined) console.error(`✗ ${row} ${title}: ${failure}`);
  });
} finally {
  await product.stop();
}
const tested = await findTestedRows(new Set(rows.map(({ id }) => id)));
const verdicts = judgeRows(chosen, { results, notApplicable, notYet, tested });
console.log(values.json ? JSON.stringify(verdicts, null, 2) : formatReport(verdicts, results));
const isWhole = areas === undefined && ids === undefined && !values.quick;
if (isWhole && !values['no-write']) {
  const page = fileURLToPath(new URL('../../../docs/protocol-support.md', import.meta.url));
  await writeFile(page, formatProtocolSupport(verdicts));
  console.error(`wrote ${page}`);
}
// A case that ran out of time may have left something open.
process.exit(results.some(({ failure }) => failure !== undefined) ? 1 : 0);
