import type { ConformanceRow } from './conformance-row.ts';

/** Areas K,L. */
export const tortureRows: readonly ConformanceRow[] = [];
