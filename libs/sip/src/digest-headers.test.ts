import { describe, expect, it } from 'vitest';
import {
  type DigestCredentials,
  encodeUtf8,
  formatAuthenticationInfo,
  formatDigestChallenge,
  formatDigestCredentials,
  parseAuthenticationInfo,
  parseDigestChallenge,
  parseDigestCredentials,
} from './index.ts';

const full: DigestCredentials = {
  username: 'alice',
  realm: 'example.com',
  nonce: 'n"1\\',
  uri: 'sip:example.com',
  response: '0123abcd',
  algorithm: 'SHA-256',
  cnonce: 'c1',
  nc: '00000001',
  qop: 'auth',
  opaque: 'o',
  userhash: true,
};

describe('digest credentials', () => {
  it('A22: values are unquoted and unescaped, exactly as the digest needs them', () => {
    expect(
      parseDigestCredentials(
        'DIGEST username="al\\"ice", realm="ex\\\\ample.com" ,nonce = "n",uri="sip:a,b;c", response="r", qop=auth, nc=00000001',
      ),
    ).toMatchObject({
      username: 'al"ice',
      realm: 'ex\\ample.com',
      nonce: 'n',
      uri: 'sip:a,b;c',
      qop: 'auth',
      nc: '00000001',
    });
  });

  it('A1: qop is taken quoted, too', () => {
    expect(parseDigestCredentials('Digest qop="auth", algorithm="MD5"')).toMatchObject({
      qop: 'auth',
      algorithm: 'MD5',
    });
  });

  it.each([
    'Digest , username="alice", realm="example.com"',
    'Digest username="alice", , realm="example.com"',
    'Digest username="alice",realm="example.com" ,\t,',
    'Digest ,,username="alice",,realm="example.com",,',
  ])('empty elements of the list mean nothing (RFC 7235 §1.2): %s', (row) => {
    expect(parseDigestCredentials(row)).toMatchObject({ username: 'alice', realm: 'example.com' });
  });

  it('A14, A15: other schemes are not digest', () => {
    expect(parseDigestCredentials('Basic Zm9vOmJhcg==')).toBeUndefined();
    expect(parseDigestCredentials('NoOneKnowsThisScheme opaque-data=here')).toBeUndefined();
    expect(parseDigestCredentials('Digestive x=1')).toBeUndefined();
    expect(parseDigestCredentials('')).toBeUndefined();
  });

  it('IM5: empty values are values', () => {
    expect(
      parseDigestCredentials('Digest username="a@b", realm="b", nonce="", response="", uri="sip:b"'),
    ).toMatchObject({
      username: 'a@b',
      nonce: '',
      response: '',
    });
    expect(parseDigestCredentials('Digest')).toMatchObject({ username: '', userhash: false });
  });

  it('A20: username* is decoded, and is never beside username or a hash', () => {
    expect(parseDigestCredentials("Digest username*=UTF-8''J%c3%a4s%C3%B8n%20Doe")?.username).toBe(
      encodeUtf8('Jäsøn Doe'),
    );
    expect(parseDigestCredentials('Digest username="h", userhash=TRUE')).toMatchObject({ userhash: true });
    for (const row of [
      'Digest username*=UTF-8\'\'a, username="a"',
      "Digest username*=UTF-8''a, userhash=true",
      "Digest username*=latin1''a",
      'Digest username*=a',
    ])
      expect(() => parseDigestCredentials(row)).toThrow(
        expect.objectContaining({ code: 'SIP_ERR_AUTHORIZATION', status: 400 }),
      );
  });

  it.each([
    'Digest username="a", username="b"',
    'Digest username',
    'Digest username="a" realm="b"',
    'Digest ="a"',
    'Digest username="a',
    'Digest "a"=b',
    `Digest ${Array.from({ length: 65 }, (_, index) => `p${index}=1`).join(',')}`,
  ])('%s: 400', (row) => {
    expect(() => parseDigestCredentials(row)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('what is formatted is read back', () => {
    expect(parseDigestCredentials(formatDigestCredentials(full))).toEqual(full);
    const bare = { ...full, algorithm: '', cnonce: '', nc: '', qop: '', opaque: '', userhash: false };
    expect(parseDigestCredentials(formatDigestCredentials(bare))).toEqual(bare);
    expect(formatDigestCredentials(bare)).not.toContain('qop');
  });
});

describe('digest challenges', () => {
  it('A1: what is formatted is read back; qop is a quoted list', () => {
    const challenge = {
      realm: 'a"b',
      nonce: 'n',
      opaque: 'o',
      algorithm: 'SHA-256',
      qop: 'auth,auth-int',
      stale: true,
    };
    const row = formatDigestChallenge(challenge);
    expect(row).toBe(
      'Digest realm="a\\"b", nonce="n", opaque="o", stale=true, algorithm=SHA-256, qop="auth,auth-int"',
    );
    expect(parseDigestChallenge(row)).toEqual(challenge);
    expect(formatDigestChallenge({ realm: 'r', nonce: 'n' })).toBe('Digest realm="r", nonce="n"');
  });

  it('a realm cannot add a row', () => {
    expect(formatDigestChallenge({ realm: 'r\r\nX: y', nonce: 'n' })).toBe(
      'Digest realm="r  X: y", nonce="n"',
    );
  });

  it('other schemes, and broken rows', () => {
    expect(parseDigestChallenge('Bearer realm="x"')).toBeUndefined();
    expect(() => parseDigestChallenge('Digest realm')).toThrow(
      expect.objectContaining({ code: 'SIP_ERR_CHALLENGE' }),
    );
    expect(() => parseAuthenticationInfo('nextnonce')).toThrow(
      expect.objectContaining({ code: 'SIP_ERR_CHALLENGE' }),
    );
    expect(parseAuthenticationInfo('')).toEqual({ nextnonce: '', qop: '', rspauth: '', cnonce: '', nc: '' });
  });

  it('A26: Authentication-Info comes back as it was written', () => {
    const info = { nextnonce: 'n"2', qop: 'auth', rspauth: '0123', cnonce: 'c', nc: '00000001' };
    expect(parseAuthenticationInfo(formatAuthenticationInfo(info))).toEqual(info);
    // RFC 3261 §25.1: qop and nc are tokens here, the others quoted.
    expect(formatAuthenticationInfo({ ...info, nextnonce: '' })).toBe(
      'qop=auth, rspauth="0123", cnonce="c", nc=00000001',
    );
    const bare = { nextnonce: '', qop: '', rspauth: '0123', cnonce: '', nc: '' };
    expect(formatAuthenticationInfo(bare)).toBe('rspauth="0123"');
    expect(formatAuthenticationInfo({ ...bare, rspauth: '' })).toBe('');
  });
});
