import type { ExcusedRow } from './conformance-case.ts';

/** Rows of areas I to W that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [];

/** Rows of areas I to W that the product does not fulfil yet. */
export const notYet: readonly ExcusedRow[] = [];
