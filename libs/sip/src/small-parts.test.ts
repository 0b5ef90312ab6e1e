import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  decodeUtf8,
  encodeUtf8,
  findParam,
  formatSipDate,
  parseAddress,
  parseSipDate,
  quoteText,
  reasonPhrases,
  SipParseError,
  sipErrors,
  unquote,
} from './index.ts';
import { normaliseEscapes, unescapeUri } from './uri-escapes.ts';

describe('errors', () => {
  it('carry code, status and offset, and a phrase to answer with', () => {
    const error = new SipParseError('SIP_ERR_URI', 400, 7);
    expect(error).toMatchObject({
      name: 'SipParseError',
      code: 'SIP_ERR_URI',
      status: 400,
      at: 7,
      reasonPhrase: 'Malformed URI',
    });
    expect(error.message).toBe('SIP_ERR_URI at byte 7');
    expect(new SipParseError('SIP_ERR_OF_ANOTHER_LIBRARY', 400, 0).reasonPhrase).toBe('Bad Request');
  });

  it('the README lists every code with its status, and no other', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const listed = [...readme.matchAll(/^\| `(SIP_ERR_\w+)` +\| (\w+) +\|/gm)].map(([, code, status]) => [
      code,
      status,
    ]);
    const known = Object.entries(sipErrors).map(([code, row]) => [code, String(row.status ?? 'drop')]);
    expect(listed).toEqual(known);
  });
});

describe('text', () => {
  it('byte strings and human text', () => {
    expect(decodeUtf8('\xd0\x97\xd0\xbe\xd1\x8f')).toBe('Зоя');
    expect(encodeUtf8('Зоя')).toBe('\xd0\x97\xd0\xbe\xd1\x8f');
    expect(decodeUtf8('plain')).toBe('plain');
    expect(encodeUtf8('plain')).toBe('plain');
    expect(decodeUtf8('\xff')).toBe('\ufffd');
  });

  it('quoted strings', () => {
    expect(quoteText('a"b\\c')).toBe('"a\\"b\\\\c"');
    expect(unquote('"a\\"b\\\\c"')).toBe('a"b\\c');
    expect(unquote('token')).toBe('token');
    expect(unquote('"')).toBe('"');
    expect(unquote('"a"')).toBe('a');
  });

  it('escapes are decoded exactly once', () => {
    expect(unescapeUri('%2561')).toBe('%61');
    expect(unescapeUri('a%zz%41%')).toBe('a%zzA%');
    expect(unescapeUri('plain')).toBe('plain');
    expect(unescapeUri('%2B1555%2d12 a%00b 50% %zz%4 %%41')).toBe('+1555-12 a\u0000b 50% %zz%4 %A');
    expect(normaliseEscapes('%zz%41%3b%25')).toBe('%zzA%3B%25');
  });
});

describe('parseAddress', () => {
  it('reads a header value by itself', () => {
    const address = parseAddress('"A \\"B\\"" <sip:a@h;x=1>;TAG=t;lr');
    expect(address).toMatchObject({ displayName: 'A "B"', uri: 'sip:a@h;x=1', tag: 't' });
    expect(findParam(address.params, 'lr')).toBe('');
    expect(findParam(address.params, 'none')).toBeUndefined();
    expect(parseAddress('sip:a@h').displayName).toBeUndefined();
    expect(parseAddress('<sip:a@h>;tag=').tag).toBeUndefined();
    const value = findParam(parseAddress('<sip:a@h>;x="a\tb\\\0\\\\Ω"').params, 'x');
    expect(value).toBe('"a\tb\\\0\\\\Ω"');
  });

  it.each([
    '',
    '<>',
    '<sip:>',
    '<a@h>',
    'sip:a@h x',
    'sip:a@h>',
    'a, b <sip:a@h>',
    'sip:a"b"@h',
    '<sip:a@h>;tag="x',
    '<sip:a@h>;tag=<x>',
    '<sip:a@h>;tag=a\0b',
    '<sip:a@h>;x=\x7f',
    '<sip:a@h>;x="a\x1bb"',
    '<1sip:a>',
  ])('%j is none', (text) => expect(() => parseAddress(text)).toThrow(SipParseError));
});

describe('dates', () => {
  it('are RFC 1123 dates in GMT', () => {
    expect(formatSipDate(Date.UTC(2010, 10, 13, 23, 29, 0))).toBe('Sat, 13 Nov 2010 23:29:00 GMT');
    expect(parseSipDate('Sat, 13 Nov 2010 23:29:00 GMT')).toBe(Date.UTC(2010, 10, 13, 23, 29, 0));
    for (const bad of [
      '',
      'Sat, 13 Nov 2010 23:29:00 EST',
      'Sat, 13 Nov 2010 23:29 GMT',
      'Sat, 31 Feb 2010 23:29:00 GMT',
      'Sat, 13 nov 2010 23:29:00 GMT',
      'Sat, 13 ovD 2010 23:29:00 GMT',
      'Sat, 13 Nov 2010 23:29:00 GMT x',
      'Sat, 13 Nov 2010 23:29:60 GMT',
      'Sat, x Nov 2010 23:29:00 GMT',
    ])
      expect(parseSipDate(bad)).toBeUndefined();
  });
});

describe('reason phrases', () => {
  it('are there for every status that an error owes', () => {
    for (const row of Object.values(sipErrors)) {
      if (row.status !== undefined) expect(reasonPhrases[row.status]).toBeDefined();
    }
  });
});
