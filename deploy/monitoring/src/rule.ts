/** A query whose result is kept under a name: `level:metric:operations`. */
export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

/** critical wakes somebody up; warning is a ticket for the next day. */
export type Severity = 'critical' | 'warning';

/** What promtool plays to the rules, and when it looks at what fires. */
export interface Scenario {
  /** Values of each series, in promtool's notation ("0+60x30"), one for each step. */
  readonly series: Readonly<Record<string, string>>;
  /** When to look, for example "30m". */
  readonly at: string;
  /** Length of a step; default 1m. */
  readonly step?: string;
}

/** What a query gives after a scenario. */
export interface RecordCheck extends Scenario {
  readonly name: string;
  readonly expr: string;
  readonly labels: string;
  readonly value: number;
}

/** One alert, with the proof that it fires and that it stays silent. */
export interface Alert {
  readonly name: string;
  readonly severity: Severity;
  readonly expr: string;
  /** How long it must hold, for example "5m". */
  readonly for: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** One line, with the labels that say where. */
  readonly summary: string;
  /** What it means for phones, with the value. */
  readonly description: string;
  readonly fires: Scenario;
  readonly silent: Scenario;
}

/** Rules that are evaluated together, and written to one file. */
export interface RuleGroup {
  readonly name: string;
  readonly records?: readonly RecordingRule[];
  readonly alerts?: readonly Alert[];
  /** True: the scenarios of its alerts give the values of recorded series themselves. */
  readonly playedToRecords?: boolean;
}

/** Where the runbook is; a heading of it has the name of each alert. */
export const runbookUrl = 'https://github.com/rollcall/rollcall/blob/main/docs/runbook.md';

/** What says which installation a series is from: present where Prometheus adds it, harmless where not. */
export const installation = 'cluster, namespace';

/** The ratio of two sums by installation. */
export function ratio(part: string, whole: string): string {
  return `sum by (${installation}) (${part}) / sum by (${installation}) (${whole})`;
}
