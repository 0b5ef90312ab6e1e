import { cases as headerNames } from './cases/a-header-names.ts';
import { cases as headerValues } from './cases/a-header-values.ts';
import { cases as messageForm } from './cases/a-message-form.ts';
import { cases as uas } from './cases/b-uas.ts';
import { cases as answers } from './cases/c-answers.ts';
import { cases as aors } from './cases/c-aor.ts';
import { cases as contacts } from './cases/c-contacts.ts';
import { cases as many } from './cases/c-many.ts';
import { cases as options } from './cases/d-options.ts';
import { cases as callees } from './cases/e-callees.ts';
import { cases as redirect } from './cases/e-redirect.ts';
import { cases as forwarding } from './cases/f-forwarding.ts';
import { cases as proxy } from './cases/f-proxy.ts';
import { cases as transactions } from './cases/g-transactions.ts';
import { cases as datagrams } from './cases/h-datagrams.ts';
import { cases as streams } from './cases/h-streams.ts';
import type { ConformanceCase, ExcusedRow } from './conformance-case.ts';
import * as core from './excused-core.ts';
import * as extensions from './excused-extensions.ts';
import { extensionCases } from './extension-cases.ts';

/** Every case. */
export const allCases: readonly ConformanceCase[] = [
  ...headerNames,
  ...headerValues,
  ...messageForm,
  ...uas,
  ...aors,
  ...contacts,
  ...answers,
  ...many,
  ...options,
  ...redirect,
  ...callees,
  ...proxy,
  ...forwarding,
  ...transactions,
  ...datagrams,
  ...streams,
  ...extensionCases,
];

/** Rows that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [...core.notApplicable, ...extensions.notApplicable];

/** Rows that the product does not fulfil yet. */
export const notYet: readonly ExcusedRow[] = [...core.notYet, ...extensions.notYet];
