/** 0: every registrar must; 1: carriers expect; 2: more than most offer. */
export type Priority = 0 | 1 | 2;

/** One thing that an RFC, or the design, asks of the product. */
export interface ConformanceRow {
  /** For example "M1"; test titles carry it. */
  readonly id: string;
  /** Letter of the area. */
  readonly area: string;
  /** RFC and section, for example "3261 §7.3.3". */
  readonly rfc: string;
  readonly priority: Priority;
  readonly requirement: string;
}

/** A row as it is written down: id, RFC and section, priority, requirement. */
export type RowLine = readonly [id: string, rfc: string, priority: Priority, requirement: string];

/** The rows of one area. */
export function rowsOf(area: string, lines: readonly RowLine[]): ConformanceRow[] {
  return lines.map(([id, rfc, priority, requirement]) => ({ id, area, rfc, priority, requirement }));
}
