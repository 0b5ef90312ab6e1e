import type { ExcusedRow } from './conformance-case.ts';

/** Rows of areas A to H that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [];

/** Rows of areas A to H that the product does not fulfil yet. A row that has cases fulfils what they test. */
export const notYet: readonly ExcusedRow[] = [];
