import { describe, expect, it } from 'vitest';
import { computeResponseAuth } from './response-auth.ts';

const credentials = {
  username: 'alice',
  realm: 'example.com',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  uri: 'sip:example.com',
  response: '',
  cnonce: '0a4f113b',
  nc: '00000001',
  qop: 'auth',
  opaque: '',
  userhash: false,
};
const ha1 = [
  { algorithm: 'MD5', hash: '93dfce8dfebfae8af4a726982429d23a' },
  { algorithm: 'SHA-256', hash: '8a76b8adf2eb7492ff78f57bc361a5c93e2f53c6e93f7ee91f68b5382cfea14f' },
];

describe('rspauth', () => {
  // Computed by another implementation of the hash functions from the formula of RFC 7616 §3.5.
  it.each([
    ['MD5', 'auth', '99d5efe6f06613085fc5561e14c7ecfe'],
    ['', 'auth', '99d5efe6f06613085fc5561e14c7ecfe'],
    ['MD5', 'auth-int', 'a6b475d7be5347e69a993053611f48a0'],
    ['SHA-256', 'auth', 'a4d30481dfc4e5ec491f36262d061a08645fe1f1297ad11a2b52ae9e4e20d3d9'],
    ['SHA-256-sess', 'auth', '5aa7fc151d74b3708904fb6a80dbaae5f100f3e96260aed1f25cd16519f301f5'],
  ])('A26: %s with qop=%s', (algorithm, qop, rspauth) => {
    expect(computeResponseAuth({ ...credentials, algorithm, qop }, ha1)).toBe(rspauth);
  });

  it('is nothing where there is no HA1 for the algorithm', () => {
    expect(computeResponseAuth({ ...credentials, algorithm: 'SHA-512-256' }, ha1)).toBe('');
    expect(computeResponseAuth({ ...credentials, algorithm: 'AKAv1-MD5' }, ha1)).toBe('');
  });
});
