import { hash } from 'node:crypto';

/** A hash function of digest authentication (RFC 7616 §3.3, RFC 8760 §2.2), without "-sess". */
export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** All hash functions, strongest first. */
export const digestAlgorithms: readonly DigestAlgorithm[] = ['SHA-512-256', 'SHA-256', 'MD5'];

/** OpenSSL's names. SHA-512/256 has initial values of its own: it is no cut of SHA-512. */
const opensslNames: Readonly<Record<DigestAlgorithm, string>> = {
  MD5: 'md5',
  'SHA-256': 'sha256',
  'SHA-512-256': 'sha512-256',
};

/** An algorithm parameter taken apart. */
export interface AlgorithmParameter {
  readonly algorithm: DigestAlgorithm;
  /** True for the "-sess" form (RFC 7616 §3.4.2). */
  readonly sess: boolean;
}

const parameters = new Map<string, AlgorithmParameter>();
for (const algorithm of digestAlgorithms) {
  parameters.set(algorithm, { algorithm, sess: false });
  parameters.set(`${algorithm}-SESS`, { algorithm, sess: true });
}

/**
 * Reads an algorithm parameter in any case; empty means MD5 (RFC 7616 §3.4). Returns undefined for one that is not
 * known here, such as AKAv1-MD5.
 */
export function readAlgorithm(text: string): AlgorithmParameter | undefined {
  if (text === '') return parameters.get('MD5');
  return parameters.get(text) ?? parameters.get(text.toUpperCase());
}

/** Hashes a byte string (one character a byte) and returns lower-case hexadecimal. */
export function hashHex(algorithm: DigestAlgorithm, text: string): string {
  return hash(opensslNames[algorithm], Buffer.from(text, 'latin1'));
}

/** Hashes a message body and returns lower-case hexadecimal. */
export function hashBody(algorithm: DigestAlgorithm, body: Uint8Array): string {
  return hash(opensslNames[algorithm], body);
}
