import { describe, expect, it } from 'vitest';
import { canonicalAor, parseUri, SipParseError } from './index.ts';
import { canonicalHost, parseIpv6Reference } from './ip-address.ts';

function aor(text: string): string {
  const uri = parseUri(text);
  if (uri.kind !== 'sip') throw new Error('not a SIP URI');
  return canonicalAor(uri);
}

describe('parseUri', () => {
  it('takes a SIP URI apart', () => {
    expect(parseUri('SIPS:al%69ce;x=1:pw@Example.COM:5061;Transport=TCP;lr?Subject=a%20b&x=y')).toEqual({
      kind: 'sip',
      scheme: 'sips',
      user: 'al%69ce;x=1',
      password: 'pw',
      host: 'example.com',
      port: 5061,
      params: [
        { name: 'transport', value: 'TCP' },
        { name: 'lr', value: undefined },
      ],
      headers: 'Subject=a%20b&x=y',
    });
  });

  it('keeps other schemes whole', () => {
    expect(parseUri('URN:uuid:f81d4fae-7dec')).toEqual({
      kind: 'other',
      scheme: 'urn',
      rest: 'uuid:f81d4fae-7dec',
    });
  });

  it('reads tel URIs', () => {
    expect(parseUri('tel:+1-(214).555-0102;ext=5')).toMatchObject({
      kind: 'tel',
      number: '+1-(214).555-0102',
      digits: '+12145550102',
      global: true,
      context: '',
    });
    expect(parseUri('tel:*A7#;phone-context=Example.com')).toMatchObject({
      digits: '*a7#',
      global: false,
      context: 'example.com',
    });
    for (const bad of ['tel:+', 'tel:-', 'tel:+1a', 'tel:xyz', 'tel:7;', 'tel:+1%2'])
      expect(() => parseUri(bad)).toThrow(SipParseError);
  });

  it.each([
    '',
    'sip',
    'sip:',
    ':a@h',
    '1sip:a@h',
    'sip:a@',
    'sip:a b@h',
    'sip:a<b@h',
    'sip:a"b@h',
    'sip:a\x00@h',
    'sip:a\x7f@h',
    'sip:%zz@h',
    'sip:%1',
    'sip:a@h%41',
    'sip:a@h/x',
    'sip:a@h:',
    'sip:a@[::1',
    'sip:a@[::1]x',
    'sip:a@[]',
    'sip:a@h;;a',
    'sip:a@h;=1',
  ])('%j is no URI', (text) => {
    expect(() => parseUri(text)).toThrow(SipParseError);
  });

  it('says where the problem is', () => {
    expect(() => parseUri('sip:alice@exam ple')).toThrow(
      expect.objectContaining({ code: 'SIP_ERR_URI', status: 400, at: 14 }),
    );
  });

  it('bounds the parameters', () => {
    expect(() => parseUri(`sip:h${';p'.repeat(65)}`)).toThrow(
      expect.objectContaining({ code: 'SIP_ERR_PARAM_COUNT' }),
    );
  });
});

describe('canonicalAor', () => {
  it.each([
    ['R10.3-5c', 'sip:%61lice@EXAMPLE.COM;user=phone', 'sip:alice@example.com'],
    ['R10.3-5c', 'sips:alice:pw@example.com:5061;x=1?a=b', 'sip:alice@example.com'],
    ['R10.3-5d', 'sip:Alice@example.com', 'sip:Alice@example.com'],
    ['R10.3-5e', 'sip:%2561@example.com', 'sip:%2561@example.com'],
    ['R10.3-5e', 'sip:null-%00-null@example.com', 'sip:null-%00-null@example.com'],
    ['CN6', 'sip:a%0d%0aDEL@example.com', 'sip:a%0D%0ADEL@example.com'],
    ['CN6', 'sip:alice%7D@example.com', 'sip:alice%7D@example.com'],
    ['CN6', 'sip:alice}@example.com', 'sip:alice%7D@example.com'],
    ['CN6', 'sip:a%3ab%40c@example.com', 'sip:a%3Ab%40c@example.com'],
    ['M17', 'sip:\xc3\xa9@example.com', 'sip:%C3%A9@example.com'],
    ['V6', 'sip:a@[2001:DB8:0::1]', 'sip:a@[2001:db8::1]'],
    ['R10.2', 'sip:example.com', 'sip:example.com'],
  ])('%s: %s is %s', (_id, text, expected) => {
    expect(aor(text)).toBe(expected);
    expect(aor(expected)).toBe(expected);
  });
});

describe('IPv6 references', () => {
  it.each([
    ['[::]', '[::]'],
    ['[::1]', '[::1]'],
    ['[1::]', '[1::]'],
    ['[1:0:0:2:0:0:0:3]', '[1:0:0:2::3]'],
    ['[1:0:2:3:4:5:6:7]', '[1:0:2:3:4:5:6:7]'],
    ['[2001:DB8::192.0.2.1]', '[2001:db8::c000:201]'],
    ['[1:2:3:4:5:6:192.0.2.1]', '[1:2:3:4:5:6:c000:201]'],
    ['[2001:db8:::192.0.2.1]', '[2001:db8::c000:201]'],
  ])('%s is %s', (text, expected) => expect(canonicalHost(text)).toBe(expected));

  it('V6: a URI has its host in that form: equal hosts are equal texts', () => {
    const hosts = ['[2001:DB8:0::1]', '[2001:db8::0:1]'].map((host) => parseUri(`sip:a@${host}:5070`));
    for (const uri of hosts) expect(uri).toMatchObject({ host: '[2001:db8::1]', port: 5070 });
  });

  it.each([
    '[]',
    '[:]',
    '[:::]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1::2::3]',
    '[12345::]',
    '[g::]',
    '[::1.2.3]',
    '[::1.2.3.256]',
    '[::1.2.3.4444]',
    '[::1.2.3.x]',
    '[1.2.3.4::]',
    '[1:2:3:4:5:6:7::8]',
    '[::1',
    'h',
    `[${':'.repeat(60)}]`,
  ])('%s is none', (text) => {
    expect(parseIpv6Reference(text)).toBeUndefined();
    expect(canonicalHost(text)).toBe(text);
  });
});
