import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  buildRequest,
  canonicalAor,
  parseMessage,
  parseUri,
  type SipUri,
  sameUri,
  serialise,
  type Uri,
} from './index.ts';

const tokenCharacters = "abcXYZ019-.!%*_+`'~";
const token = fc.string({ unit: fc.constantFrom(...tokenCharacters), minLength: 1, maxLength: 12 });
/** A value as a header may have it: any byte but line ends, no white space around it. */
const value = fc
  .string({
    unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
    maxLength: 40,
  })
  .map((text) => text.trim())
  .filter((text) => text === text.replace(/^[ \t]+|[ \t]+$/g, ''));
const headerName = token.map((name) => `X-${name}`);
const draft = fc.record({
  method: token.filter((method) => !method.toLowerCase().startsWith('sip')),
  requestUri: fc.constantFrom('sip:example.com', 'sip:a@h;x=1?y=z', 'tel:+1', 'urn:x:y', 'sip:[::1]:5061'),
  headers: fc.array(fc.tuple(headerName, value), { maxLength: 12 }),
  body: fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
});

describe('messages', () => {
  it('parse(serialise(m)) is m', () => {
    fc.assert(
      fc.property(draft, fc.constantFrom('datagram' as const, 'stream' as const), (given, framing) => {
        const message = parseMessage(buildRequest(given), framing);
        if (message.kind !== 'request') throw new Error('not a request');
        expect(message.parts.defect).toBeUndefined();
        expect([message.method, message.requestUri]).toEqual([given.method, given.requestUri]);
        expect(message.body.equals(given.body)).toBe(true);
        for (const [name] of given.headers) {
          const lower = name.toLowerCase();
          const expected = given.headers
            .filter(([other]) => other.toLowerCase() === lower)
            .map(([, row]) => row);
          expect(message.rows(lower)).toEqual(expected);
        }
        expect(serialise(message).equals(buildRequest(given))).toBe(true);
      }),
    );
  });

  it('serialise(parse(b)) keeps untouched rows byte-exact, with folds and odd white space', () => {
    const row = fc
      .tuple(
        headerName,
        fc.constantFrom(':', ' :', ': ', ':\t ', ':\r\n '),
        value,
        fc.constantFrom('', ' ', '\r\n more', '\r\n\t '),
      )
      .map(([name, separator, text, tail]) => `${name}${separator}${text}${tail}\r\n`);
    fc.assert(
      fc.property(fc.array(row, { maxLength: 10 }), fc.nat({ max: 9 }), (rows, removed) => {
        const start = 'OPTIONS sip:h SIP/2.0\r\n';
        const message = parseMessage(Buffer.from(`${start}${rows.join('')}l: 0\r\n\r\n`, 'latin1'), 'stream');
        expect(serialise(message).toString('latin1')).toBe(`${start}${rows.join('')}l: 0\r\n\r\n`);
        const name = (rows[removed] ?? 'none:').split(/[ :]/, 1)[0]?.toLowerCase() ?? '';
        const kept = rows.filter((each) => each.split(/[ :]/, 1)[0]?.toLowerCase() !== name);
        expect(serialise(message, { without: [name] }).toString('latin1')).toBe(
          `${start}${kept.join('')}l: 0\r\n\r\n`,
        );
      }),
    );
  });
});

const escaped = fc.integer({ min: 0, max: 255 }).map((byte) => `%${byte.toString(16).padStart(2, '0')}`);
const userText = fc
  .array(fc.oneof(fc.constantFrom(..."aA1-_.!~*'()&=+$,;?/#"), escaped), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.join(''));
const param = fc
  .tuple(
    fc.constantFrom('transport', 'user', 'maddr', 'x', 'y', 'lr', '%6cr', 'X'),
    fc.option(fc.constantFrom('tcp', 'TCP', 'on', '%6Fn', '1', ''), { nil: undefined }),
  )
  .map(([name, text]) => (text === undefined ? `;${name}` : `;${name}=${text}`));
const uriText = fc
  .tuple(
    fc.constantFrom('sip:', 'SIP:', 'sips:'),
    fc.option(userText, { nil: undefined }),
    fc.constantFrom('h', 'H.example', '[::1]', '[0:0::1]', '192.0.2.1'),
    fc.constantFrom('', ':5060', ':5061'),
    fc.array(param, { maxLength: 4 }),
    fc.constantFrom('', '?a=b', '?a=b&c=d', '?c=d&A=b'),
  )
  .map(([scheme, user, host, port, params, headers]) => {
    return `${scheme}${user === undefined ? '' : `${user}@`}${host}${port}${params.join('')}${headers}`;
  });
const anyText = fc.oneof(
  uriText,
  fc.string(),
  fc.constantFrom('tel:+1-2;a=1;b', 'tel:+12;b;a=1', 'tel:7;phone-context=h'),
);

function asSip(uri: Uri): SipUri {
  if (uri.kind !== 'sip') throw new Error('not a SIP URI');
  return uri;
}

describe('URIs', () => {
  it('comparison is reflexive and symmetric, and never throws', () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        expect(sameUri(a, `${a}`)).toBe(true);
        expect(sameUri(a, b)).toBe(sameUri(b, a));
      }),
      { numRuns: 2_000 },
    );
  });

  it('a URI equals itself with other cases of scheme, host and escapes', () => {
    fc.assert(
      fc.property(uriText, (text) => {
        const [, scheme = '', rest = ''] = /^(\w+:)(.*)$/.exec(text) ?? [];
        const other = scheme.toUpperCase() + rest.replace(/%../g, (hex) => hex.toUpperCase());
        expect(sameUri(text, other)).toBe(true);
      }),
    );
  });

  it('the canonical AOR is printable, its own canonical form, and tells users apart that differ', () => {
    fc.assert(
      fc.property(userText, userText, (a, b) => {
        const first = canonicalAor(asSip(parseUri(`sip:${a}@H.example`)));
        expect(first).toMatch(/^sip:[!-~]+@h\.example$/);
        expect(canonicalAor(asSip(parseUri(first)))).toBe(first);
        const second = canonicalAor(asSip(parseUri(`sip:${b}@h.example`)));
        const plain = (text: string) =>
          text.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
        expect(first === second).toBe(plain(a) === plain(b));
      }),
    );
  });
});
