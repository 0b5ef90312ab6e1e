import { cases as headerNames } from './cases/a-header-names.ts';
import { cases as headerValues } from './cases/a-header-values.ts';
import { cases as messageForm } from './cases/a-message-form.ts';
import type { ConformanceCase, ExcusedRow } from './conformance-case.ts';
import * as core from './excused-core.ts';
import * as extensions from './excused-extensions.ts';

/** Every case. */
export const allCases: readonly ConformanceCase[] = [...headerNames, ...headerValues, ...messageForm];

/** Rows that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [...core.notApplicable, ...extensions.notApplicable];

/** Rows that the product does not fulfil yet. */
export const notYet: readonly ExcusedRow[] = [...core.notYet, ...extensions.notYet];
