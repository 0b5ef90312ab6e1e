import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskCredentials } from './mask-credentials.ts';

const mask = (text: string) => maskCredentials(Buffer.from(text, 'latin1')).toString('latin1');
const register = (row: string) =>
  `REGISTER sip:example.com SIP/2.0\r\nCall-ID: a\r\n${row}\r\nCSeq: 1 REGISTER\r\n\r\n`;

describe('credentials in a copy', () => {
  it('show who asked, and nothing that proves it', () => {
    const text = register(
      'Authorization: Digest username="alice", realm="example.com", nonce="abc", uri="sip:example.com", response="0123456789", algorithm=MD5, cnonce="xyz", qop=auth, nc=00000001, opaque="rc1"',
    );
    expect(mask(text)).toBe(
      register(
        'Authorization: Digest username="alice", realm="example.com", nonce=*****, uri="sip:example.com", response=************, algorithm=MD5, cnonce=*****, qop=auth, nc=00000001, opaque="rc1"',
      ),
    );
  });

  it.each([
    ['PROXY-AUTHORIZATION : digest response=secret', 'PROXY-AUTHORIZATION : digest response=******'],
    ['Authorization: Bearer secret.secret', 'Authorization: Bearer *************'],
    ['Authorization:secret', 'Authorization:******'],
    ['Authorization: Digest\r\n response="secret"', 'Authorization: Digest\r\n response=********'],
    [
      'Authorization: Digest username="a",\r\n\tresponse="secret"',
      'Authorization: Digest username="a",\r\n\tresponse=********',
    ],
    [
      'Authorization: Digest response="sec, username=\\"ret"',
      'Authorization: Digest response=****, ***************',
    ],
    ['Authorization: Digest response="secret', 'Authorization: Digest ****************'],
    ['Authorization: Digest qop=authresponse=secret', 'Authorization: Digest ***********************'],
    ['Authorization: Digest x="secret", username="a"', 'Authorization: Digest x=********, username="a"'],
    ['Authentication-Info: rspauth="secret", nc=1', 'Authentication-Info: rspauth=********, nc=1'],
    ['Proxy-Authentication-Info: nextnonce="secret"', 'Proxy-Authentication-Info: nextnonce=********'],
    [
      'Authorization: Digest username="a"\r\nAuthorization: Basic secret',
      'Authorization: Digest username="a"\r\nAuthorization: Basic ******',
    ],
  ])('%j', (given, shown) => {
    expect(mask(register(given))).toBe(register(shown));
  });

  it('are masked in a body too, and with bare line feeds', () => {
    expect(mask('NOTIFY sip:a SIP/2.0\n\nAuthorization: Basic secret\n')).toBe(
      'NOTIFY sip:a SIP/2.0\n\nAuthorization: Basic ******\n',
    );
  });

  it('what has none is not even copied; challenges are shown', () => {
    const plain = Buffer.from(register('WWW-Authenticate: Digest realm="a", nonce="b"'), 'latin1');
    expect(maskCredentials(plain)).toBe(plain);
  });

  it('no message gets longer or shorter, and no secret gets through, however it is written', () => {
    const blank = fc.constantFrom(' ', '\t', '\r\n ', '', ',', ', ');
    const secretParam = fc
      .tuple(fc.constantFrom('response', 'nonce', 'cnonce', 'token', 'x'), blank, fc.boolean())
      .map(([name, space, quoted]) => `${name}=${space}${quoted ? '"s3cr3t"' : 's3cr3t'}`);
    const other = fc.constantFrom('username="a\\"b"', 'realm=x', 'broken="', '"', '=', 'qop=auth', '\\');
    const parts = fc.array(fc.tuple(fc.oneof(secretParam, other), blank), { maxLength: 8 });
    fc.assert(
      fc.property(parts, fc.constantFrom('Digest ', 'Bearer ', ''), (list, scheme) => {
        const text = register(`Authorization: ${scheme}${list.flat().join('')}`);
        const masked = mask(text);
        expect(masked).toHaveLength(text.length);
        // After an unfinished "username=" or a quote, anything may belong to what is harmless; those are left out.
        if (!list.some(([part]) => /username|broken|^"|=$|realm/.test(part)))
          expect(masked).not.toContain('s3cr3t');
      }),
    );
  });

  it('takes no longer than the message is long', () => {
    const hostile = register(`Authorization: Digest ${'a="'.repeat(15_000)}`);
    expect(mask(hostile)).toHaveLength(hostile.length);
  });
});
