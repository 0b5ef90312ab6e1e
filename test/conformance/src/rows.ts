import type { ConformanceRow } from './conformance-row.ts';
import { comparisonRows } from './rows-comparison-digest.ts';
import { proxyRows, transactionRows, transportRows } from './rows-edge.ts';
import { extensionRows } from './rows-extensions.ts';
import { messageRows, uasRows } from './rows-messages.ts';
import { otherRows } from './rows-others.ts';
import { optionsRows, redirectRows, registrarRows } from './rows-registrar.ts';
import { tortureRows } from './rows-torture.ts';

/** What each area is about. */
export const areaTitles: Readonly<Record<string, string>> = {
  A: 'Message syntax',
  B: 'User agent server',
  C: 'Registrar',
  D: 'OPTIONS',
  E: 'Redirect',
  F: 'Proxy duties of the edge',
  G: 'Transactions',
  H: 'Transport',
  I: 'URI comparison',
  J: 'Digest authentication',
  K: 'Torture tests (RFC 4475)',
  L: 'IPv6 torture tests (RFC 5118)',
  M: 'Path and Service-Route',
  N: 'Registration event package',
  O: 'Capabilities and caller preferences',
  P: 'Outbound',
  Q: 'GRUU',
  R: 'TLS',
  S: 'Bulk registration',
  T: 'Keep-alive and WebSocket',
  U: 'Push',
  V: 'DNS, Bearer, IMS, P-headers',
  W: 'Several replicas, and what fails',
};

/** Every row, in the order of the areas. */
export const rows: readonly ConformanceRow[] = [
  ...messageRows,
  ...uasRows,
  ...registrarRows,
  ...optionsRows,
  ...redirectRows,
  ...proxyRows,
  ...transactionRows,
  ...transportRows,
  ...comparisonRows,
  ...tortureRows,
  ...extensionRows,
  ...otherRows,
].toSorted((one, other) => (one.area < other.area ? -1 : one.area > other.area ? 1 : 0));
