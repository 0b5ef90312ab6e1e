import { readAlgorithm } from './algorithm.ts';
import type { PresentedCredentials } from './credentials.ts';
import { computeResponse } from './response.ts';
import type { StoredHa1 } from './verify-credentials.ts';

const noBody = new Uint8Array();

/**
 * Computes rspauth for credentials that are right: by it a phone learns that who answers knows its password, too
 * (RFC 7616 §3.5). It is the response once more, with an A2 that has no method, and with the body of the answer, which is
 * empty here. '' where there is no HA1 for their algorithm.
 */
export function computeResponseAuth(credentials: PresentedCredentials, ha1: readonly StoredHa1[]): string {
  const parameter = readAlgorithm(credentials.algorithm);
  const stored = ha1.find(({ algorithm }) => algorithm === parameter?.algorithm);
  if (parameter === undefined || stored === undefined) return '';
  return computeResponse(stored.hash, { ...credentials, ...parameter, method: '', body: noBody });
}
