import { randomFillSync } from 'node:crypto';
import { equalInConstantTime, keyedHash } from './keyed-hash.ts';

// A nonce is 30 bytes in base64url, 40 characters: 6 of the time in milliseconds, 8 random, 16 of an HMAC over both
// and the realm. It needs no state, says nothing of its user, and is good on any replica that has the key.

const timeBytes = 6;
const randomBytes = 8;
const macBytes = 16;
const seedBytes = timeBytes + randomBytes;
const nonceBytes = seedBytes + macBytes;
const nonceLength = (nonceBytes * 4) / 3;

/** A domain name has at most 255 characters. */
const maxRealmLength = 255;

/** By how much the clock of the replica that issued a nonce may be ahead of ours. */
const clockSkewMs = 60_000;

/** Issues nonces for one set of keys. */
export class NonceMint {
  readonly #key: Uint8Array;
  readonly #nonce = Buffer.alloc(nonceBytes);
  readonly #seed = this.#nonce.subarray(0, seedBytes);
  // Random bytes are drawn for 512 nonces at once: one system call instead of 512.
  readonly #random = Buffer.alloc(randomBytes * 512);
  #randomAt = this.#random.length;

  /** The first of the keys signs; there must be one. */
  constructor(keys: readonly Uint8Array[]) {
    const [key] = keys;
    if (key === undefined) throw new RangeError('a nonce mint needs a key');
    this.#key = key;
  }

  /** Issues a nonce for a realm. */
  mint(realm: string, nowMs: number): string {
    if (this.#randomAt === this.#random.length) {
      randomFillSync(this.#random);
      this.#randomAt = 0;
    }
    const nonce = this.#nonce;
    nonce.writeUIntBE(nowMs, 0, timeBytes);
    this.#random.copy(nonce, timeBytes, this.#randomAt, this.#randomAt + randomBytes);
    this.#randomAt += randomBytes;
    nonce.write(keyedHash(this.#key, this.#seed, realm), seedBytes, macBytes, 'latin1');
    return nonce.toString('base64url');
  }
}

/** What a nonce is worth. Instants are milliseconds since 1970. */
export type NonceState =
  | { readonly kind: 'good' | 'expired'; readonly issuedAtMs: number; readonly expiresAtMs: number }
  /** Not issued under any of the keys, or for another realm. */
  | { readonly kind: 'forged' };

const forged: NonceState = { kind: 'forged' };

/** Judges a nonce under any of the keys; it is good for lifetimeSec from its issue. */
export function checkNonce(
  keys: readonly Uint8Array[],
  nonce: string,
  realm: string,
  nowMs: number,
  lifetimeSec: number,
): NonceState {
  if (nonce.length !== nonceLength || realm.length > maxRealmLength) return forged;
  const bytes = Buffer.from(nonce, 'base64url');
  // Node also decodes "+" and "/": a nonce spelt in another way would pass as one not yet counted, and be a replay.
  if (bytes.length !== nonceBytes || bytes.toString('base64url') !== nonce) return forged;
  const seed = bytes.subarray(0, seedBytes);
  const mac = bytes.toString('latin1', seedBytes);
  for (const key of keys) {
    if (!equalInConstantTime(keyedHash(key, seed, realm).slice(0, macBytes), mac)) continue;
    const issuedAtMs = bytes.readUIntBE(0, timeBytes);
    const expiresAtMs = issuedAtMs + lifetimeSec * 1000;
    const good = nowMs < expiresAtMs && issuedAtMs <= nowMs + clockSkewMs;
    return { kind: good ? 'good' : 'expired', issuedAtMs, expiresAtMs };
  }
  return forged;
}
