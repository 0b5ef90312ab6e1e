import Table from 'cli-table3';

/** Columns are two blanks apart and nothing else is drawn, so that the rows also suit grep and awk. */
const noLines = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/**
 * Lines of a table with a heading. A column with nothing in it is left out.
 *
 * @param rows cells that may be shown as they are: text from the network has been made printable
 */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const table = new Table({
    chars: noLines,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  });
  const isUsed = head.map((_, column) => rows.some((row) => row[column] !== ''));
  for (const row of [head, ...rows]) table.push(row.filter((_, column) => isUsed[column]));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}
