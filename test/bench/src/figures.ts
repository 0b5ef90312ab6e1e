import { ratioOf, spreadOf } from './statistics.ts';

/** Median, least and most of some runs, and how the median of their ratios to the base's runs stands; '–' without runs. */
export function formatFigure(
  values: readonly number[],
  base: readonly number[] | undefined,
  digits: number,
): string {
  if (values.length === 0) return '–';
  const { median, min, max } = spreadOf(values);
  const text =
    values.length === 1
      ? median.toFixed(digits)
      : `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
  if (base === undefined || base.length === 0) return text;
  return `${text} ×${ratioOf(values, base).toFixed(2)}`;
}

/** A table in Markdown. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join(
    '\n',
  );
}
