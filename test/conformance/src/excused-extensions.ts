import type { ExcusedRow } from './conformance-case.ts';

/** Rows of areas I to W that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [];

const noTokens = 'Access tokens are not supported yet.';

/** Rows of areas I to W that the product does not fulfil yet. */
export const notYet: readonly ExcusedRow[] = [
  ...excuse(
    'alias changes nothing: an answer goes by the connection of its request, a request by the flow of its token or by a connection of its own, whatever the peer has proved to be.',
    'TL3',
  ),
  ...excuse('A call does not wake a phone by its push service yet.', 'PN5'),
  ...excuse(noTokens, 'BR1', 'BR2', 'BR3'),
  ...excuse('There are no implicit registration sets: each AOR is registered by itself.', 'IM2'),
];

function excuse(reason: string, ...rows: readonly string[]): ExcusedRow[] {
  return rows.map((row) => ({ row, reason }));
}
