import { describe, expect, it } from 'vitest';
import { checkNonce, NonceMint } from './nonce.ts';

const first = Buffer.from('the first key of the nonces');
const second = Buffer.from('the second key of the nonces');
const nowMs = 1_790_000_000_123;

describe('nonces', () => {
  it('A25: are 40 characters, all different, and good for their lifetime on any replica that has the key', () => {
    const mint = new NonceMint([first]);
    const nonces = Array.from({ length: 2000 }, () => mint.mint('example.com', nowMs));
    expect(new Set(nonces).size).toBe(2000);
    for (const nonce of nonces.slice(0, 600)) {
      expect(nonce).toMatch(/^[A-Za-z0-9_-]{40}$/);
      const state = checkNonce([Buffer.from(first)], nonce, 'example.com', nowMs + 299_999, 300);
      expect(state).toEqual({ kind: 'good', issuedAtMs: nowMs, expiresAtMs: nowMs + 300_000 });
    }
  });

  it('A7: are expired from the end of their lifetime on', () => {
    const nonce = new NonceMint([first]).mint('example.com', nowMs);
    expect(checkNonce([first], nonce, 'example.com', nowMs + 300_000, 300).kind).toBe('expired');
  });

  it('A25: outlive a rotation of keys: the first signs, all verify', () => {
    const old = new NonceMint([first]).mint('example.com', nowMs);
    const renewed = new NonceMint([second, first]).mint('example.com', nowMs);
    expect(checkNonce([second, first], old, 'example.com', nowMs, 300).kind).toBe('good');
    expect(checkNonce([second], renewed, 'example.com', nowMs, 300).kind).toBe('good');
    expect(checkNonce([second], old, 'example.com', nowMs, 300).kind).toBe('forged');
  });

  it('A8: are forged with any character changed, cut, for another realm, or made up', () => {
    const nonce = new NonceMint([first]).mint('example.com', nowMs);
    const check = (text: string, realm = 'example.com') => checkNonce([first], text, realm, nowMs, 300).kind;
    expect(check(nonce)).toBe('good');
    for (let i = 0; i < nonce.length; i += 1) {
      const other = nonce[i] === 'A' ? 'B' : 'A';
      expect(check(nonce.slice(0, i) + other + nonce.slice(i + 1))).toBe('forged');
    }
    expect(check(nonce.slice(1))).toBe('forged');
    expect(check('')).toBe('forged');
    expect(check('é'.repeat(40))).toBe('forged');
    expect(check(nonce, 'example.org')).toBe('forged');
    expect(check(nonce, 'x'.repeat(5000))).toBe('forged');
  });

  it('A9: have one spelling only, so that no other spelling starts a count of its own', () => {
    const mint = new NonceMint([first]);
    let nonce = mint.mint('example.com', nowMs);
    while (!nonce.includes('-') && !nonce.includes('_')) nonce = mint.mint('example.com', nowMs);
    const respelt = nonce.replaceAll('-', '+').replaceAll('_', '/');
    expect(checkNonce([first], nonce, 'example.com', nowMs, 300).kind).toBe('good');
    expect(checkNonce([first], respelt, 'example.com', nowMs, 300).kind).toBe('forged');
  });

  it('are good where the clock of their mint is a little ahead, and not where it is far ahead', () => {
    const mint = new NonceMint([first]);
    const check = (aheadMs: number) =>
      checkNonce([first], mint.mint('example.com', nowMs + aheadMs), 'example.com', nowMs, 300).kind;
    expect(check(5000)).toBe('good');
    expect(check(3_600_000)).toBe('expired');
  });

  it('cannot be minted without a key', () => {
    expect(() => new NonceMint([])).toThrow(RangeError);
  });
});
