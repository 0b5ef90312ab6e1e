import type { ExcusedRow } from './conformance-case.ts';

/** Rows of areas I to W that do not concern this product. */
export const notApplicable: readonly ExcusedRow[] = [
  ...excuse(
    'A redirect server sends no requests, so there is no name to resolve; responses go to the address that the ' +
      'request came from (RFC 3261 §18.2.2), and contacts are resolved by who is redirected to them.',
    'DN1',
  ),
  ...excuse("DNS zones are the operator's: the product publishes no records.", 'DN2'),
];

const noTls = 'There is no TLS listener yet.';
const noWebSocket = 'There is no WebSocket listener yet.';
const noTokens = 'Access tokens are not supported yet.';

/** Rows of areas I to W that the product does not fulfil yet. */
export const notYet: readonly ExcusedRow[] = [
  ...excuse(noTls, 'TL1', 'TL2', 'TL3'),
  ...excuse(noWebSocket, 'WS1', 'WS2', 'WS3', 'WS4', 'WS5'),
  ...excuse('A call does not wake a phone by its push service yet.', 'PN5'),
  ...excuse(noTokens, 'BR1', 'BR2', 'BR3'),
  ...excuse('There are no implicit registration sets: each AOR is registered by itself.', 'IM2'),
];

function excuse(reason: string, ...rows: readonly string[]): ExcusedRow[] {
  return rows.map((row) => ({ row, reason }));
}
