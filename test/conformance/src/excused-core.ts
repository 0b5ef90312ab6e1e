import type { ExcusedRow } from './conformance-case.ts';

/** Rows of areas A to H that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [];

/** Rows of areas A to H that the product does not fulfil yet. A row that has cases fulfils what they test. */
export const notYet: readonly ExcusedRow[] = [
  {
    row: 'X3',
    reason:
      'Of a wildcard (0.0.0.0) the system chooses the address of each answer, which Node cannot tell it: where a machine has several that phones send to, EDGE_UDP_LISTEN must name each.',
  },
];
