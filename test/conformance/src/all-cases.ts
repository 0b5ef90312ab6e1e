import { cases as messageNames } from './cases/a-header-names.ts';
import type { ConformanceCase, ExcusedRow } from './conformance-case.ts';
import * as core from './excused-core.ts';
import * as extensions from './excused-extensions.ts';

/** Every case. */
export const allCases: readonly ConformanceCase[] = [...messageNames];

/** Rows that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [...core.notApplicable, ...extensions.notApplicable];

/** Rows that the product does not fulfil yet. */
export const notYet: readonly ExcusedRow[] = [...core.notYet, ...extensions.notYet];
