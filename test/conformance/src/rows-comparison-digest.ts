import type { ConformanceRow } from './conformance-row.ts';

/** Areas I,J. */
export const comparisonRows: readonly ConformanceRow[] = [];
