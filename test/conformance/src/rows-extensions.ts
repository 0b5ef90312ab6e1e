import type { ConformanceRow } from './conformance-row.ts';

/** Areas M,O,P,Q,S,U,V. */
export const extensionRows: readonly ConformanceRow[] = [];
