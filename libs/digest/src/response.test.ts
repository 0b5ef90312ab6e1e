import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type DigestAlgorithm, readAlgorithm } from './algorithm.ts';
import { equalInConstantTime, keyedHash } from './keyed-hash.ts';
import { computeHa1, computeResponse, hashUsername, type ResponseParts, verifyResponse } from './response.ts';

const request = {
  uri: 'sip:example.com',
  method: 'REGISTER',
  nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
  cnonce: '0a4f113b',
  nc: '00000001',
  qop: 'auth',
  body: Buffer.alloc(0),
};

interface Vector {
  readonly name: string;
  readonly qop: string;
  readonly ha1: string;
  readonly response: string;
}

const md5Ha1 = '93dfce8dfebfae8af4a726982429d23a';
const sha256Ha1 = '8a76b8adf2eb7492ff78f57bc361a5c93e2f53c6e93f7ee91f68b5382cfea14f';
const sha512Ha1 = '9485c7b52baa1fc08914b6e75e4adc1d5a0845968231acfbb4d364fa3e4dd28b';

const vectors: readonly Vector[] = [
  { name: 'MD5', qop: 'auth', ha1: md5Ha1, response: '220cb07d95dd3084ffdf38fb599bf611' },
  { name: 'MD5-sess', qop: 'auth', ha1: md5Ha1, response: 'ebde857454372cb07692c560aa45e3da' },
  {
    name: 'SHA-256',
    qop: 'auth',
    ha1: sha256Ha1,
    response: 'b4a828229dc4f92bfb948cbd6ecfafbae8a1dbe6bb1bc2f757f9e675bcca96e0',
  },
  {
    name: 'SHA-256-sess',
    qop: 'auth',
    ha1: sha256Ha1,
    response: 'dc75a2feba59be4dbb9cecc363a5a5107606cb8e5a2b20458ec96d3e2d26273e',
  },
  {
    name: 'SHA-512-256',
    qop: 'auth',
    ha1: sha512Ha1,
    response: '6b6dda04849532c570c8aabadad3956a238cbc1372f7e8acc1c4f44500434791',
  },
  {
    name: 'SHA-512-256-sess',
    qop: 'auth',
    ha1: sha512Ha1,
    response: 'a5bbd23954b583c3b278db3b738ff87281b3da8827f75647d3583ed08af119df',
  },
  { name: 'MD5', qop: 'auth-int', ha1: md5Ha1, response: '672cd7ec37482d26bee48f21a16034c8' },
  { name: 'MD5', qop: '', ha1: md5Ha1, response: '59a5b40843c5a062387a5516f3128210' },
];

function partsOf(vector: Vector): ResponseParts {
  const parameter = readAlgorithm(vector.name);
  if (parameter === undefined) throw new Error(`no algorithm ${vector.name}`);
  return { ...request, ...parameter, qop: vector.qop };
}

describe('responses', () => {
  for (const vector of vectors) {
    it(`A2 A18 A19 A21: ${vector.name} with qop=${vector.qop || 'none'}`, () => {
      const parts = partsOf(vector);
      expect(computeHa1(parts.algorithm, 'alice', 'example.com', 'wonderland')).toBe(vector.ha1);
      expect(computeResponse(vector.ha1, parts)).toBe(vector.response);
      expect(verifyResponse(vector.ha1, parts, vector.response.toUpperCase())).toBe(true);
      const flipped = (vector.response[0] === '0' ? '1' : '0') + vector.response.slice(1);
      expect(verifyResponse(vector.ha1, parts, flipped)).toBe(false);
      expect(verifyResponse(vector.ha1, parts, vector.response.slice(1))).toBe(false);
    });
  }

  it('A20: the hash of a user name', () => {
    expect(hashUsername('SHA-256', 'alice', 'example.com')).toBe(
      '182821e63518db2dd774c82f8142291d0376025311d4a5988d61e5a5dfafbbde',
    );
  });

  it('A22: bytes beyond ASCII are hashed as received', () => {
    const utf8 = Buffer.from('зоя:example.com:ключ').toString('latin1');
    const [username = '', realm = '', password = ''] = utf8.split(':');
    expect(computeHa1('MD5', username, realm, password)).toBe('4bbff0fe6cb5de5e63094d6e62398395');
  });

  it('knows algorithm names in any case, and AKAv1-MD5 not', () => {
    expect(readAlgorithm('')).toEqual({ algorithm: 'MD5', sess: false });
    expect(readAlgorithm('sha-256-SESS')).toEqual({ algorithm: 'SHA-256', sess: true });
    expect(readAlgorithm('AKAv1-MD5')).toBeUndefined();
  });
});

describe('keyed hash', () => {
  it('is the HMAC-SHA256 of RFC 2104 for keys and messages of any length', () => {
    for (const keyLength of [1, 16, 63, 64, 65, 200]) {
      const key = Buffer.alloc(keyLength, keyLength);
      for (const text of ['', 'example.com', 'é'.repeat(300)]) {
        const prefix = Buffer.from([1, 2, 255]);
        const expected = createHmac('sha256', key).update(prefix).update(text, 'latin1').digest('binary');
        expect(keyedHash(key, prefix, text)).toBe(expected);
      }
    }
  });

  it('refuses a message too long for it', () => {
    expect(() => keyedHash(Buffer.from('k'), Buffer.alloc(0), 'x'.repeat(1025))).toThrow(RangeError);
  });

  it('compares whole texts', () => {
    expect(equalInConstantTime('abc', 'abc')).toBe(true);
    expect(equalInConstantTime('abc', 'abd')).toBe(false);
    expect(equalInConstantTime('abc', 'ab')).toBe(false);
  });
});

const algorithms: readonly DigestAlgorithm[] = ['MD5', 'SHA-256', 'SHA-512-256'];
it('gives 32 digits for MD5 and 64 for the others', () => {
  expect(algorithms.map((algorithm) => computeHa1(algorithm, 'a', 'b', 'c').length)).toEqual([32, 64, 64]);
});
