import type { ConformanceRow } from './conformance-row.ts';

/** Areas N,R,T,W. */
export const otherRows: readonly ConformanceRow[] = [];
