import type { ExcusedRow } from './conformance-case.ts';

/** Rows of areas A to H that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [];

const noForwarding = 'The edge answers requests itself; it does not forward along flows yet';

/** Rows of areas A to H that the product does not fulfil yet. A row that has cases fulfils what they test. */
export const notYet: readonly ExcusedRow[] = [
  {
    row: 'P1',
    reason: `${noForwarding}. Nothing is forwarded with Max-Forwards 0; 483 and the count remain to be seen`,
  },
  { row: 'P4', reason: noForwarding },
  { row: 'P5', reason: noForwarding },
  { row: 'P6', reason: noForwarding },
  { row: 'P7', reason: `${noForwarding}. REGISTER and redirects have no Record-Route` },
  { row: 'P8', reason: `${noForwarding}, so nothing can loop through it` },
  { row: 'P9', reason: `${noForwarding}, and nothing forks` },
  {
    row: 'P11',
    reason: `${noForwarding}. The registrar's 401 is there, the 407 of a forwarding edge is not`,
  },
  {
    row: 'X6',
    reason: 'An answer whose connection is gone is dropped; no new one to the sent-by port is opened yet',
  },
];
