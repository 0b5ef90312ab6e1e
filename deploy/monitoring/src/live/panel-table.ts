import { dashboards } from '../dashboards/all.ts';
import { matchersOf } from '../dashboards/dashboard.ts';
import type { RunningPrometheus } from '../prometheus.ts';
import { withoutVariables } from '../query.ts';

/** Why a query may give nothing in a run of two minutes in which all is well. */
const mayBeEmpty: readonly (readonly [RegExp, string])[] = [
  [/yesterday/i, 'looks back a day'],
  [/hours since/i, 'no file was changed'],
  [/Not granted|failed, by service|Not answered|socket:|unparsable|tried again/i, 'only errors'],
  [/Dependencies|draining/i, 'only while something is away or stopping'],
  [/Canary/i, 'no canary runs here'],
  [/What fires/i, 'nothing fires'],
  [/handshakes that failed/i, 'only errors'],
  [/Channels.*state/i, 'only while a replica is not reached'],
  [/Certificate between/i, 'no TLS between services here'],
  [/Redis itself/i, 'no redis_exporter here'],
  [/held back|Restarts and memory/i, 'no Kubernetes here'],
  [/ended|forgotten|wrong|Verify/i, 'only when it happens'],
];

/** One query of one panel, and what it gave. */
export interface PanelRow {
  readonly dashboard: string;
  readonly panel: string;
  readonly legend: string;
  readonly series: number;
  /** One of its values. */
  readonly example: string;
  /** Why it may be empty; undefined where it may not. */
  readonly excuse: string | undefined;
}

/** Asks every query of every panel. */
export async function askPanels(prometheus: RunningPrometheus): Promise<PanelRow[]> {
  const rows: PanelRow[] = [];
  for (const spec of dashboards) {
    for (const panel of spec.rows.flatMap((row) => row.panels)) {
      for (const [legend, query] of Object.entries(panel.queries)) {
        const values = await prometheus.ask(withoutVariables(query.replaceAll('SELECT', matchersOf(spec))));
        const name = `${panel.title} ${legend}`;
        rows.push({
          dashboard: spec.uid,
          panel: panel.title,
          legend,
          series: values.length,
          example: values[0] ?? '',
          excuse: mayBeEmpty.find(([form]) => form.test(name))?.[1],
        });
      }
    }
  }
  return rows;
}

/** Whether a query gave nothing and should have. */
export function isEmpty({ series, excuse }: PanelRow): boolean {
  return series === 0 && excuse === undefined;
}

/** The rows for people. */
export function formatPanels(rows: readonly PanelRow[]): string {
  const cells = rows.map((row) => [
    row.dashboard.replace('rollcall-', ''),
    row.panel,
    row.legend,
    row.series === 0 ? '' : String(row.series),
    row.series > 0 ? shorten(row.example) : row.excuse === undefined ? 'EMPTY' : `empty: ${row.excuse}`,
  ]);
  const table = [['dashboard', 'panel', 'legend', 'series', 'e.g.'], ...cells];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .join('\n');
}

function shorten(value: string): string {
  const number = Number(value);
  return Number.isFinite(number) ? String(Number(number.toPrecision(4))) : value;
}
