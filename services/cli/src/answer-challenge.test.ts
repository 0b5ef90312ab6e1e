import { parseDigestChallenge, parseDigestCredentials } from '@rollcall/sip';
import { expect, it } from 'vitest';
import { answerChallenge, pickStrongest } from './answer-challenge.ts';

function readChallenge(row: string) {
  const challenge = parseDigestChallenge(row);
  if (challenge === undefined) throw new Error(`no Digest challenge: ${row}`);
  return challenge;
}

const md5 = readChallenge('Digest realm="example.com", nonce="n", algorithm=MD5, qop="auth"');
const sha256 = readChallenge('Digest realm="example.com", nonce="n", algorithm=SHA-256, qop="auth,auth-int"');
const sha512 = readChallenge('Digest realm="example.com", nonce="n", algorithm=SHA-512-256, qop="auth"');
const aka = readChallenge('Digest realm="example.com", nonce="n", algorithm=AKAv1-MD5, qop="auth"');
const integrity = readChallenge('Digest realm="example.com", nonce="n", algorithm=SHA-256, qop="auth-int"');

it('picks the strongest challenge in whatever order they come (RFC 8760 §2.4)', () => {
  expect(pickStrongest([md5, sha256, sha512])).toBe(sha512);
  expect(pickStrongest([sha256, md5])).toBe(sha256);
  expect(pickStrongest([md5])).toBe(md5);
});

it('passes over challenges that it cannot answer', () => {
  expect(pickStrongest([aka, integrity, md5])).toBe(md5);
  expect(pickStrongest([aka, integrity])).toBeUndefined();
  expect(pickStrongest([])).toBeUndefined();
});

it('gives the response of the example in RFC 7616 §3.9.1', () => {
  const challenge = readChallenge(
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, ' +
      'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
  );
  const row = answerChallenge(
    challenge,
    { username: 'Mufasa', password: 'Circle of Life' },
    { method: 'GET', requestUri: '/dir/index.html' },
    'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
  );
  expect(parseDigestCredentials(row)).toEqual({
    username: 'Mufasa',
    realm: 'http-auth@example.org',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    uri: '/dir/index.html',
    response: '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
    algorithm: 'SHA-256',
    cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    nc: '00000001',
    qop: 'auth',
    opaque: 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS',
    userhash: false,
  });
});

it('answers a challenge without qop and algorithm in the form of RFC 2069', () => {
  const row = answerChallenge(
    readChallenge('Digest realm="r", nonce="n"'),
    { username: 'u', password: 'p' },
    { method: 'REGISTER', requestUri: 'sip:r' },
    'unused',
  );
  expect(row).not.toMatch(/algorithm|cnonce|qop|nc=/);
});
