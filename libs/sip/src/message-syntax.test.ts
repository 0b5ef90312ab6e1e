import { describe, expect, it } from 'vitest';
import {
  asRequest,
  codeOf,
  contactsOf,
  mandatory,
  parse,
  register,
  verdict,
  withRows,
} from '../test/sample-messages.ts';
import { buildResponse, decodeUtf8, encodeUtf8, parseMessage } from './index.ts';

describe('area A: message syntax', () => {
  it('M1: compact names are the long ones, mixed or not', () => {
    const request = register([
      'v: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1',
      'f: <sip:alice@example.com>;tag=a1',
      't: <sip:alice@example.com>',
      'i: c-1',
      'CSeq: 7 REGISTER',
      'm: <sip:alice@192.0.2.1>',
      'Contact: <sip:alice@192.0.2.2>',
      'k: path, outbound',
      'l: 0',
    ]);
    expect(verdict(request)).toBe('good');
    expect(contactsOf(request)).toEqual(['sip:alice@192.0.2.1', 'sip:alice@192.0.2.2']);
    expect(request.supported).toEqual(['path', 'outbound']);
    expect(request.callId).toBe('c-1');
  });

  it('M1: the compact names of extensions', () => {
    const request = withRows(
      'o: reg;id=4',
      'u: reg',
      'r: <sip:x@y>',
      'b: <sip:b@y>',
      'x: 90',
      'a: *;audio',
      'j: *;video',
      'd: redirect',
      'c: text/plain',
      'e: gzip',
      's: hello',
      'y: abc',
    );
    expect(request.event).toMatchObject({ type: 'reg', id: '4' });
    const longNames = [
      'allow-events',
      'refer-to',
      'referred-by',
      'session-expires',
      'accept-contact',
      'reject-contact',
    ];
    expect(longNames.map((name) => request.row(name))).toEqual([
      'reg',
      '<sip:x@y>',
      '<sip:b@y>',
      '90',
      '*;audio',
      '*;video',
    ]);
    const more = ['request-disposition', 'content-type', 'content-encoding', 'subject', 'identity'];
    expect(more.map((name) => request.row(name))).toEqual(['redirect', 'text/plain', 'gzip', 'hello', 'abc']);
  });

  it('M2: header names in any case', () => {
    const request = register([
      'vIa: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1',
      'FROM: <sip:alice@example.com>;tag=a1',
      'tO: <sip:alice@example.com>',
      'CALL-id: c-1',
      'cSeQ: 7 REGISTER',
      'CONTACT: <sip:alice@192.0.2.1>',
      'x-unKnown: 1',
    ]);
    expect(verdict(request)).toBe('good');
    expect(contactsOf(request)).toHaveLength(1);
    expect(request.row('x-unknown')).toBe('1');
  });

  it('M3: a method in lower case is another method', () => {
    const request = register(
      mandatory.map((row) => row.replace('7 REGISTER', '7 register')),
      'register sip:example.com SIP/2.0',
    );
    expect(request.method).toBe('register');
    expect(verdict(request)).toBe('good');
  });

  it('M4: a fold is one space', () => {
    const request = withRows(
      'Authorization: Digest username="alice",\r\n realm="example.com",\r\n\t nonce="n" ,\r\n  response="r"',
      'Contact: <sip:alice@192.0.2.1>\r\n ;expires=60',
      'Subject:\r\n one \r\n\t two',
    );
    expect(request.row('authorization')).toBe(
      'Digest username="alice", realm="example.com", nonce="n" , response="r"',
    );
    expect(request.authorization).toMatchObject([{ username: 'alice', realm: 'example.com', response: 'r' }]);
    expect(request.contacts).toMatchObject({ contacts: [{ uri: 'sip:alice@192.0.2.1', expiresSec: 60 }] });
    expect(request.row('subject')).toBe('one two');
    expect(verdict(request)).toBe('good');
  });

  it('M5: white space around separators', () => {
    const request = register([
      'Via : SIP / 2.0 / UDP 192.0.2.1 : 5070 ; branch = z9hG4bKx ; rport',
      'From \t: "A" < sip:a@h>'.replace('< ', '<') + ' ; tag = t',
      'To:<sip:alice@example.com>',
      'Call-ID:   c-1   ',
      'CSeq :  7 \t REGISTER',
      'Contact : <sip:a@h> ; q = 0.5 , <sip:b@h>',
    ]);
    expect(verdict(request)).toBe('good');
    expect(request.topVia).toMatchObject({
      protocol: 'SIP/2.0',
      transport: 'UDP',
      host: '192.0.2.1',
      port: 5070,
      branch: 'z9hG4bKx',
      rport: true,
    });
    expect(request.from.tag).toBe('t');
    expect(request.callId).toBe('c-1');
    expect(request.contacts).toMatchObject({ contacts: [{ qMilli: 500 }, { uri: 'sip:b@h' }] });
    const response = parseMessage(buildResponse(request, 200, 'OK', { toTag: 'x' }), 'datagram');
    expect(response.topVia).toEqual(request.topVia);
  });

  it('M6: a list in one row is the list in several rows', () => {
    const one = withRows('Contact: <sip:a@h>, <sip:b@h>');
    const two = withRows('Contact: <sip:a@h>', 'Contact: <sip:b@h>');
    expect(one.contacts).toEqual(two.contacts);
    const vias = register([
      'Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b;branch=z9hG4bK2',
      'v: SIP/2.0/TLS c;branch=z9hG4bK3',
      ...mandatory.slice(1),
    ]);
    expect(vias.vias.map((via) => via.host)).toEqual(['a', 'b', 'c']);
    const response = parse(buildResponse(vias, 200, 'OK', { toTag: 'x' }).toString('latin1'));
    expect(response.vias.map((via) => via.branch)).toEqual(['z9hG4bK1', 'z9hG4bK2', 'z9hG4bK3']);
    expect(withRows('Supported: a,b', 'k: c').supported).toEqual(['a', 'b', 'c']);
    expect(withRows('X-List: a,"b,c", <d,e>', 'x-list: f').values('x-list')).toEqual([
      'a',
      '"b,c"',
      '<d,e>',
      'f',
    ]);
  });

  it('M7: Authorization rows are never split or merged', () => {
    const request = withRows(
      'Authorization: Digest username="alice", realm="one", nonce="1", uri="sip:h", response="x"',
      'Authorization: Basic Zm9vOmJhcg==',
      'Authorization: digest username="alice", realm="two", nonce="2", uri="sip:h", response="y"',
    );
    expect(request.rows('authorization')).toHaveLength(3);
    expect(request.authorization.map((each) => each.realm)).toEqual(['one', 'two']);
  });

  it('M8: separators in quoted strings are data', () => {
    const request = withRows('Contact: "Smith, \\"J\\" <x>; a" <sip:alice@192.0.2.9>;note="a,b;c<d>\\"e"');
    expect(request.contacts).toEqual({
      star: false,
      contacts: [
        {
          uri: 'sip:alice@192.0.2.9',
          displayName: 'Smith, "J" <x>; a',
          expiresSec: undefined,
          qMilli: undefined,
          instanceId: '',
          regId: 0,
          otherParams: ';note="a,b;c<d>\\"e"',
        },
      ],
    });
  });

  it('M9: parameters after an addr-spec are header parameters; a question mark needs brackets', () => {
    expect(withRows('Contact: sip:alice@h;expires=120').contacts).toMatchObject({
      contacts: [{ uri: 'sip:alice@h', expiresSec: 120 }],
    });
    expect(verdict(withRows('Contact: sip:alice@h?x=y'))).toBe('400 SIP_ERR_ADDRESS');
    expect(verdict(withRows('Contact: <sip:alice@h?x=y>'))).toBe('good');
  });

  it.each([
    ['From', '400 SIP_ERR_MISSING_FROM'],
    ['To', '400 SIP_ERR_MISSING_TO'],
    ['Call-ID', '400 SIP_ERR_MISSING_CALL_ID'],
    ['CSeq', '400 SIP_ERR_MISSING_CSEQ'],
    ['Via', 'drop SIP_ERR_MISSING_VIA'],
    ['Max-Forwards', 'good'],
  ])('M10: without %s: %s', (name, expected) => {
    const request = register(mandatory.filter((row) => !row.startsWith(`${name}:`)));
    expect(verdict(request)).toBe(expected);
    expect(buildResponse(request, 400, 'Bad', { toTag: 't' }).length).toBeGreaterThan(0);
  });

  it.each([
    ['4294967295 REGISTER', 'good'],
    ['0 REGISTER', 'good'],
    ['0007 REGISTER', 'good'],
    ['4294967296 REGISTER', '400 SIP_ERR_CSEQ'],
    ['99999999999999999999999999 REGISTER', '400 SIP_ERR_CSEQ'],
    ['-1 REGISTER', '400 SIP_ERR_CSEQ'],
    ['1.5 REGISTER', '400 SIP_ERR_CSEQ'],
    ['REGISTER', '400 SIP_ERR_CSEQ'],
    ['1', '400 SIP_ERR_CSEQ'],
    ['1 REGISTER x', '400 SIP_ERR_CSEQ'],
    ['1REGISTER', '400 SIP_ERR_CSEQ'],
    ['', '400 SIP_ERR_CSEQ'],
    ['1 INVITE', '400 SIP_ERR_CSEQ_METHOD'],
    ['1 register', '400 SIP_ERR_CSEQ_METHOD'],
  ])('M11: CSeq "%s": %s', (value, expected) => {
    expect(verdict(register(mandatory.map((row) => (row.startsWith('CSeq') ? `CSeq: ${value}` : row))))).toBe(
      expected,
    );
  });

  it.each(['From: <sip:b@h>;tag=2', 't: <sip:b@h>', 'i: other', 'CSeq: 8 REGISTER', 'Max-Forwards: 5'])(
    'M12: a second %s: 400',
    (row) => expect(verdict(withRows(row))).toBe('400 SIP_ERR_DUPLICATE_HEADER'),
  );

  it('M12: two Content-Length rows: 400, equal or not', () => {
    expect(verdict(withRows('Content-Length: 0', 'l: 0'))).toBe('400 SIP_ERR_CONTENT_LENGTH');
    expect(verdict(withRows('Content-Length: 0', 'Content-Length: 5'))).toBe('400 SIP_ERR_CONTENT_LENGTH');
  });

  it('M13: unknown headers and malformed headers that are not needed are ignored', () => {
    const request = withRows('X-Foo: ;;,,"', 'Date: rubbish', 'Expires: soon', 'X%6F: 1', 'Retry-After: ?');
    expect(verdict(request)).toBe('good');
    expect(request.dateAtMs).toBeUndefined();
    expect(request.expiresSec).toBeUndefined();
  });

  it.each([
    ['SIP/7.0', '505 SIP_ERR_VERSION'],
    ['SIP/1.0', '505 SIP_ERR_VERSION'],
    ['SIP/12.34', '505 SIP_ERR_VERSION'],
    ['sip/2.0', 'good'],
    ['SIP/2', '400 SIP_ERR_REQUEST_LINE'],
    ['SIP/2.0.1', '400 SIP_ERR_REQUEST_LINE'],
    ['SIP/', '400 SIP_ERR_REQUEST_LINE'],
  ])('M14: version %s: %s', (version, expected) => {
    expect(verdict(register(mandatory, `REGISTER sip:example.com ${version}`))).toBe(expected);
  });

  it.each([
    ['REGISTER  sip:example.com SIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:example.com  SIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:example.com SIP/2.0 ', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:exam ple.com SIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:exam\tple.com SIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:exam\rple.com SIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER\tsip:example.com SIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:example.com\tSIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER\tsip:example.com\tSIP/2.0', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER sip:example.com SIP/2.0\t', '400 SIP_ERR_REQUEST_LINE'],
    ['REGISTER <sip:example.com> SIP/2.0', '400 SIP_ERR_URI'],
    ['REGISTER example.com SIP/2.0', '400 SIP_ERR_URI'],
  ])('M15: start line "%s": %s', (line, expected) => {
    expect(verdict(register(mandatory, line))).toBe(expected);
  });

  it.each([
    'REGISTER',
    'REGISTER sip:example.com',
    'REGISTER SIP/2.0',
    'GET / HTTP/1.1',
    '\x16\x03\x01',
    ' REGISTER sip:h SIP/2.0',
    'REGISTER\tSIP/2.0',
    'REGISTER\tsip:h',
  ])('M15: "%s" begins no SIP message and is dropped', (line) =>
    expect(codeOf(() => parse(`${line}\r\n${mandatory.join('\r\n')}\r\n\r\n`))).toBe('SIP_ERR_START_LINE'),
  );

  it('M16: line ends before the start line are ignored', () => {
    const text = `\r\n\r\nREGISTER sip:example.com SIP/2.0\r\n${mandatory.join('\r\n')}\r\n\r\n`;
    expect(verdict(asRequest(parse(text)))).toBe('good');
    expect(verdict(asRequest(parse(text, 'stream')))).toBe('good');
    expect(codeOf(() => parse('\r\n\r\n'))).toBe('SIP_ERR_EMPTY');
    expect(codeOf(() => parse(''))).toBe('SIP_ERR_EMPTY');
  });

  it('M17: UTF-8 is echoed byte-exact, and a body is octets', () => {
    const body = 'a\0b\r\n\r\nc\xff';
    const rows = mandatory.map((row) =>
      row.startsWith('From') ? `From: ${encodeUtf8('"Зоя"')} <sip:alice@example.com>;tag=a1` : row,
    );
    const request = register([...rows, `Content-Length: ${body.length}`], undefined, `${body}trailing`);
    expect(verdict(request)).toBe('good');
    expect(decodeUtf8(request.from.displayName ?? '')).toBe('Зоя');
    expect(request.body).toEqual(Buffer.from(body, 'latin1'));
    const response = buildResponse(request, 200, 'OK', { toTag: 'x', body: Buffer.from([0, 255, 13, 10]) });
    expect(response.includes(Buffer.from('From: "Зоя" <sip:alice@example.com>;tag=a1\r\n', 'utf8'))).toBe(
      true,
    );
    expect(parseMessage(response, 'stream').body).toEqual(Buffer.from([0, 255, 13, 10]));
  });

  it('M18: %HH is an escape in URIs only', () => {
    const request = withRows('C%6Fntact: <sip:a@h>');
    expect(contactsOf(request)).toEqual([]);
    expect(register(mandatory, 'RE%47ISTER sip:example.com SIP/2.0').method).toBe('RE%47ISTER');
  });

  it.each([
    ['0', 0],
    ['0.', 0],
    ['0.5', 500],
    ['0.25', 250],
    ['0.333', 333],
    ['1', 1000],
    ['1.0', 1000],
    ['1.000', 1000],
  ])('M19: q=%s is %i thousandths', (q, milli) => {
    expect(withRows(`Contact: <sip:a@h>;q=${q}`).contacts).toMatchObject({ contacts: [{ qMilli: milli }] });
  });

  it.each(['1.5', 'abc', '0.1234', '.5', '', '2', '1.001', '-1', '0,5', '"0.5"'])('M19: q=%s: 400', (q) => {
    expect(verdict(withRows(`Contact: <sip:a@h>;q=${q}`))).toMatch(/^400 /);
  });

  it('M19: q without a value: 400', () => {
    expect(verdict(withRows('Contact: <sip:a@h>;q'))).toBe('400 SIP_ERR_CONTACT');
  });

  it('M20: a display name of tokens, with no space before the bracket', () => {
    const rows = mandatory.map((row) =>
      row.startsWith('From') ? 'From: caller two<sip:alice@example.com>;tag=1' : row,
    );
    expect(register(rows).from).toMatchObject({
      displayName: 'caller two',
      uri: 'sip:alice@example.com',
      tag: '1',
    });
  });
});
