import { describe, expect, it } from 'vitest';
import { mandatory, register, verdict, withRows } from '../test/sample-messages.ts';
import { validateRequest } from './index.ts';

describe('validateRequest', () => {
  it('drops an ACK, whatever is wrong with it', () => {
    const rows = mandatory.map((row) => row.replace('7 REGISTER', '8 REGISTER'));
    expect(verdict(register(rows, 'ACK sip:example.com SIP/2.0'))).toBe('drop SIP_ERR_CSEQ_METHOD');
  });

  it('drops what has no Via to answer by', () => {
    for (const via of [
      'garbage',
      'SIP/2.0/UDP',
      'HTTP/1.1/TCP h',
      'SIP/2.0/UDP [::1',
      'SIP/2.0/UDP h:99999',
      'SIP/2.0 h',
      '/2.0/UDP h',
      'SIP//UDP h',
      'SIP/2.0/ h',
      'SIP/2.0/UDP ;x',
    ])
      expect(verdict(register([`Via: ${via}`, ...mandatory.slice(1)]))).toBe('drop SIP_ERR_VIA');
  });

  it.each([
    ['tel:+12145550102', 'good'],
    ['foo:bar', '416 SIP_ERR_URI_SCHEME'],
    ['sip:', '400 SIP_ERR_URI'],
    ['sip:@h', '400 SIP_ERR_URI'],
    ['sip:a@b@c', '400 SIP_ERR_URI'],
    ['sip:h:port', '400 SIP_ERR_URI'],
    ['sip:h:70000', '400 SIP_ERR_URI'],
    ['sip:h;', '400 SIP_ERR_URI'],
    ['sip:%4@h', '400 SIP_ERR_URI'],
    ['sip:h?a=b', '400 SIP_ERR_URI_HEADERS'],
  ])('Request-URI %s: %s', (uri, expected) => {
    const rows = mandatory.map((row) => row.replace('7 REGISTER', '7 INVITE'));
    expect(verdict(register(rows, `INVITE ${uri} SIP/2.0`))).toBe(expected);
  });

  it.each([
    ['tel:+1212', '400 SIP_ERR_TO_SCHEME'],
    ['<isbn:1>', '400 SIP_ERR_TO_SCHEME'],
    ['<sips:alice@example.com>', 'good'],
    ['<sip:alice@exa mple.com>', '400 SIP_ERR_ADDRESS'],
    ['<sip:al%ice@example.com>', '400 SIP_ERR_URI'],
    ['alice', '400 SIP_ERR_ADDRESS'],
    ['<sip:a@h> x', '400 SIP_ERR_PARAM'],
    ['<sip:a@h>, <sip:b@h>', '400 SIP_ERR_ADDRESS'],
    ['"A" sip:a@h', '400 SIP_ERR_ADDRESS'],
    ['<sip:a@h', '400 SIP_ERR_ADDRESS'],
    ['', '400 SIP_ERR_ADDRESS'],
  ])('R10.3-5f: To "%s" in a REGISTER: %s', (to, expected) => {
    expect(verdict(register(mandatory.map((row) => (row.startsWith('To') ? `To: ${to}` : row))))).toBe(
      expected,
    );
  });

  it('R10.3-6b, R10.3-6c, R10.3-6d: a star stands alone', () => {
    expect(withRows('Contact: *', 'Expires: 0').contacts).toEqual({ star: true });
    expect(withRows('Contact: *star* <sip:a@h>').contacts).toMatchObject({
      contacts: [{ displayName: '*star*' }],
    });
    for (const rows of [
      ['Contact: *, <sip:a@h>'],
      ['Contact: <sip:a@h>, *'],
      ['Contact: *', 'Contact: <sip:a@h>'],
      ['Contact: *', 'Contact: *'],
      ['Contact: *;expires=0'],
    ])
      expect(verdict(withRows(...rows))).toMatch(/^400 /);
  });

  it.each([
    ['expires=120', 120],
    ['expires=abc', 3600],
    ['expires', 3600],
    ['expires=-1', 3600],
    ['expires=4294967296', 4294967295],
    ['EXPIRES=0', 0],
  ])('R10.3-7e: contact parameter %s: %i s', (param, expected) => {
    expect(withRows(`Contact: <sip:a@h>;${param}`).contacts).toMatchObject({
      contacts: [{ expiresSec: expected }],
    });
  });

  it('R10.3-7j, CP1: other contact parameters are kept as they came, in order', () => {
    const row = '<sip:a@h>;+sip.instance="<urn:uuid:1>";Audio;methods="INVITE,BYE";reg-id=2;foo="b,c";q=0.1';
    expect(withRows(`Contact: ${row}`).contacts).toMatchObject({
      contacts: [
        { instanceId: 'urn:uuid:1', regId: 2, otherParams: ';Audio;methods="INVITE,BYE";foo="b,c"' },
      ],
    });
  });

  it.each(['reg-id', 'reg-id=', 'reg-id=x', 'reg-id=2147483648'])('contact parameter %s: 400', (param) => {
    expect(verdict(withRows(`Contact: <sip:a@h>;${param}`))).toBe('400 SIP_ERR_CONTACT');
  });

  it.each([
    'q=0.1;q=0.1',
    'expires=60;EXPIRES=0',
    'foo;bar;Foo=1',
    '+sip.instance="<a>";+sip.instance="<b>"',
  ])('a contact parameter given twice (RFC 3261 §7.3.1), %s: 400', (params) => {
    expect(verdict(withRows(`Contact: <sip:a@h>;${params}`))).toBe('400 SIP_ERR_PARAM_REPEATED');
    // Each contact has parameters of its own, and those of its URI are others.
    const apart = params.split(';').map((param) => `<sip:a@h;q=1>;${param}`);
    expect(verdict(withRows(`Contact: ${apart.join(', ')}`))).toBe('good');
  });

  it('M12: what decides for how long is said once, as far as it decides', () => {
    expect(verdict(withRows('Expires: 60', 'EXPIRES: 0'))).toBe('400 SIP_ERR_DUPLICATE_HEADER');
    expect(verdict(withRows('Expires: 60', 'Expires: 60'))).toBe('400 SIP_ERR_DUPLICATE_HEADER');
    const subscribe = [...mandatory.map((row) => row.replace('7 REGISTER', '7 SUBSCRIBE')), 'Event: reg'];
    expect(verdict(register(subscribe, 'SUBSCRIBE sip:a@h SIP/2.0'))).toBe('good');
    expect(verdict(register([...subscribe, 'o: presence'], 'SUBSCRIBE sip:a@h SIP/2.0'))).toBe(
      '400 SIP_ERR_DUPLICATE_HEADER',
    );
    const rows = [
      ...mandatory.map((row) => row.replace('7 REGISTER', '7 MESSAGE')),
      'Expires: 1',
      'Expires: 2',
    ];
    expect(verdict(register(rows, 'MESSAGE sip:a@h SIP/2.0'))).toBe('good');
  });

  it.each([
    [['Contact: <sip:a@h> x'], 'Malformed Parameter (Contact)'],
    [['m: sip:a@h?x=y'], 'Malformed Address (Contact)'],
    [['Contact: <sip:a@h>;q=1;Q=1'], 'Parameter Given More Than Once (Contact)'],
    [['Contact: <sip:a@h>;q=2'], 'Malformed Contact'],
    [['Via: SIP/2.0/UDP h;;'], 'Malformed Parameter (Via)'],
    [['i: twice'], 'Header Given More Than Once (Call-ID)'],
    [['CSEQ: 7 REGISTER'], 'Header Given More Than Once (CSeq)'],
    [['Expires: 1', 'Expires: 2'], 'Header Given More Than Once (Expires)'],
    [[`Supported: ${'x'.repeat(9_000)}`], 'Header Too Large (Supported)'],
  ])('a reason phrase names the header that is meant (RFC 3261 §21.4.1): %j', (rows, phrase) => {
    expect(validateRequest(withRows(...rows))?.reasonPhrase).toBe(phrase);
  });

  it.each([
    ['From', '"a <sip:a@h>;tag=1', 'Unterminated Quoted String (From)'],
    ['To', '<sip:al%ice@example.com>', 'Malformed URI (To)'],
    ['To', 'nobody', 'Malformed Address (To)'],
  ])('%s: %s is %s', (name, value, phrase) => {
    const rows = mandatory.map((row) => (row.startsWith(`${name}:`) ? `${name}: ${value}` : row));
    expect(validateRequest(register(rows))?.reasonPhrase).toBe(phrase);
  });

  it('of a malformed Request-URI the phrase says so', () => {
    const verdict = validateRequest(register(mandatory, 'REGISTER sip:a:b:c SIP/2.0'));
    expect(verdict?.reasonPhrase).toBe('Malformed URI (Request-URI)');
  });

  it('U6: option tags not understood are listed, except for ACK and CANCEL', () => {
    const known = { require: new Set(['path']), proxyRequire: new Set<string>() };
    expect(validateRequest(withRows('Require: Path, foo', 'Require: bar'), known)).toEqual({
      code: 'SIP_ERR_OPTION_TAG',
      status: 420,
      reasonPhrase: 'Bad Extension',
      headers: 'Unsupported: foo, bar\r\n',
    });
    expect(validateRequest(withRows('Require: path'), known)).toBeUndefined();
    const rows = [...mandatory.map((row) => row.replace('7 REGISTER', '7 CANCEL')), 'Require: foo'];
    expect(validateRequest(register(rows, 'CANCEL sip:a@h SIP/2.0'), known)).toBeUndefined();
  });

  it('does not swallow what is no error of a message', () => {
    const broken = withRows();
    Object.defineProperty(broken, 'maxForwards', {
      get: () => {
        throw new RangeError('a bug');
      },
    });
    expect(() => validateRequest(broken)).toThrow(RangeError);
  });

  it('P2: Max-Forwards: any number, 400 for none', () => {
    const forwards = (value: string) =>
      register(mandatory.map((row) => (row.startsWith('Max') ? `Max-Forwards: ${value}` : row)));
    expect(forwards('300').maxForwards).toBe(300);
    expect(verdict(forwards('300'))).toBe('good');
    expect(verdict(forwards('many'))).toBe('400 SIP_ERR_MAX_FORWARDS');
    expect(verdict(forwards(''))).toBe('400 SIP_ERR_MAX_FORWARDS');
  });

  it('a Call-ID of two words: 400', () => {
    const callId = (value: string) =>
      register(mandatory.map((row) => (row.startsWith('Call') ? `Call-ID: ${value}` : row)));
    expect(verdict(callId('one two'))).toBe('400 SIP_ERR_CALL_ID');
    expect(verdict(callId(''))).toBe('400 SIP_ERR_CALL_ID');
  });
});
