import { type DigestAlgorithm, hashBody, hashHex } from './algorithm.ts';
import { equalInConstantTime } from './keyed-hash.ts';

/** Computes HA1 = H(username:realm:password), lower-case hexadecimal (RFC 7616 §3.4.2). Texts are byte strings. */
export function computeHa1(
  algorithm: DigestAlgorithm,
  username: string,
  realm: string,
  password: string,
): string {
  return hashHex(algorithm, `${username}:${realm}:${password}`);
}

/** Computes the hash that stands for a user name where userhash=true (RFC 7616 §3.4.4). */
export function hashUsername(algorithm: DigestAlgorithm, username: string, realm: string): string {
  return hashHex(algorithm, `${username}:${realm}`);
}

/** What goes into a response, besides HA1; values unquoted and exactly as sent. */
export interface ResponseParts {
  readonly algorithm: DigestAlgorithm;
  /** True for the "-sess" forms. */
  readonly sess: boolean;
  /** The uri parameter exactly as sent (RFC 7616 §3.4.3). */
  readonly uri: string;
  readonly method: string;
  readonly nonce: string;
  /** Empty where absent. */
  readonly cnonce: string;
  /** Empty where absent. */
  readonly nc: string;
  /** As sent: "auth", "auth-int", or empty for the form of RFC 2069. */
  readonly qop: string;
  /** The message body; counts for auth-int only. */
  readonly body: Uint8Array;
}

/** Computes the response that the right credentials carry (RFC 7616 §3.4.1). */
export function computeResponse(ha1: string, parts: ResponseParts): string {
  const { algorithm, nonce, cnonce, nc, qop } = parts;
  const key = parts.sess ? hashHex(algorithm, `${ha1}:${nonce}:${cnonce}`) : ha1;
  const integrity = qop.length === 8 && qop.toLowerCase() === 'auth-int';
  const ha2 = integrity
    ? hashHex(algorithm, `${parts.method}:${parts.uri}:${hashBody(algorithm, parts.body)}`)
    : ha2Of(algorithm, parts.method, parts.uri);
  return hashHex(
    algorithm,
    qop === '' ? `${key}:${nonce}:${ha2}` : `${key}:${nonce}:${nc}:${cnonce}:${qop}:${ha2}`,
  );
}

let lastHa2 = { algorithm: '', method: '', uri: '', hash: '' };

/** The phones of a domain all register with the same URI, so the last HA2 is mostly the next one, too. */
function ha2Of(algorithm: DigestAlgorithm, method: string, uri: string): string {
  const last = lastHa2;
  if (last.uri === uri && last.method === method && last.algorithm === algorithm) return last.hash;
  const hash = hashHex(algorithm, `${method}:${uri}`);
  lastHa2 = { algorithm, method, uri, hash };
  return hash;
}

/** Says whether a response is right, in constant time; hexadecimal digits of either case are taken. */
export function verifyResponse(ha1: string, parts: ResponseParts, response: string): boolean {
  return equalInConstantTime(computeResponse(ha1, parts), response.toLowerCase());
}
