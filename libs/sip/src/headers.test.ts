import { describe, expect, it } from 'vitest';
import { codeOf, mandatory, parse, withRows } from '../test/sample-messages.ts';
import { validateResponse } from './index.ts';

describe('responses', () => {
  const rows = mandatory.join('\r\n');

  it.each([
    'SIP/2.0 99 x',
    'SIP/2.0 700 x',
    'SIP/2.0 20 x',
    'SIP/2.0 2000 x',
    'SIP/2.0 abc',
    'SIP/2.0',
    'SIP/3.0 200 OK',
    'SIP/2.0 200x',
    'SIP/2.0 200 O\rK',
  ])('%j is no status line: dropped', (line) =>
    expect(codeOf(() => parse(`${line}\r\n${rows}\r\n\r\n`))).toBe('SIP_ERR_STATUS_LINE'),
  );

  it('a status line without reason phrase, and one without the space before it', () => {
    for (const line of ['SIP/2.0 200 ', 'SIP/2.0 200', 'sip/2.0 200'])
      expect(parse(`${line}\r\n${rows}\r\n\r\n`)).toMatchObject({
        kind: 'response',
        status: 200,
        reasonPhrase: '',
      });
  });

  it('what is wrong with a response has a name', () => {
    const judge = (text: string) => {
      const message = parse(text);
      return message.kind === 'response' ? validateResponse(message) : 'request';
    };
    expect(judge(`SIP/2.0 200 OK\r\n${rows}\r\n\r\n`)).toBeUndefined();
    expect(judge(`SIP/2.0 200 OK\r\n${rows}\r\nbad\r\n\r\n`)).toBe('SIP_ERR_HEADER');
    expect(judge(`SIP/2.0 200 OK\r\n${mandatory.slice(1).join('\r\n')}\r\n\r\n`)).toBe('SIP_ERR_MISSING_VIA');
  });

  it('headers that clients read', () => {
    const response = parse(
      'SIP/2.0 401 Unauthorized\r\n' +
        `${rows}\r\n` +
        'WWW-Authenticate: Digest realm="example.com", nonce="n1", algorithm=SHA-256, qop="auth", stale=TRUE\r\n' +
        'WWW-Authenticate: Bearer realm="x"\r\n' +
        'WWW-Authenticate: Digest realm="example.com", nonce="n1", algorithm=MD5, qop="auth"\r\n' +
        'Proxy-Authenticate: Digest realm="p", nonce="n2"\r\n' +
        'Authentication-Info: nextnonce="n3", qop=auth, rspauth="r", cnonce="c", nc=00000001\r\n' +
        'Retry-After: 120 (busy);duration=5\r\n' +
        'Min-Expires: 60\r\n' +
        'Unsupported: foo\r\nAllow: INVITE, ACK\r\nService-Route: <sip:a;lr>, <sip:b;lr>\r\n' +
        'Record-Route: <sip:r;lr>\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n\r\n',
    );
    if (response.kind !== 'response') throw new Error('not a response');
    expect(response.wwwAuthenticate).toMatchObject([
      { realm: 'example.com', algorithm: 'SHA-256', stale: true },
      { algorithm: 'MD5', stale: false, opaque: '' },
    ]);
    expect(response.proxyAuthenticate).toMatchObject([{ realm: 'p', nonce: 'n2', qop: '' }]);
    expect(response.authenticationInfo).toEqual({
      nextnonce: 'n3',
      qop: 'auth',
      rspauth: 'r',
      cnonce: 'c',
      nc: '00000001',
    });
    expect(response.retryAfterSec).toBe(120);
    expect(response.minExpiresSec).toBe(60);
    expect(response.unsupported).toEqual(['foo']);
    expect(response.allow).toEqual(['INVITE', 'ACK']);
    expect(response.serviceRoute).toEqual(['<sip:a;lr>', '<sip:b;lr>']);
    expect(response.recordRoute).toEqual(['<sip:r;lr>']);
    expect(response.dateAtMs).toBe(Date.UTC(2010, 10, 13, 23, 29, 0));
  });

  it('headers that are not there', () => {
    const response = parse(`SIP/2.0 200 OK\r\n${rows}\r\n\r\n`);
    if (response.kind !== 'response') throw new Error('not a response');
    expect(response.authenticationInfo).toBeUndefined();
    expect(response.retryAfterSec).toBeUndefined();
    expect(response.wwwAuthenticate).toEqual([]);
    expect(response.userAgent).toBe('');
    expect(response.path).toEqual([]);
    expect(response.row('x-none')).toBeUndefined();
    expect(response.rows('x-none')).toEqual([]);
    expect(response.values('x-none')).toEqual([]);
    const request = withRows();
    expect([request.event, request.subscriptionState, request.contentType]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('headers of requests', () => {
  it('lists are read once and kept', () => {
    const request = withRows(
      'Path: <sip:p1;lr>,\r\n <sip:p2;lr;ob>',
      'Path: "x,y" <sip:p3>',
      'Route: <sip:r>',
      'User-Agent: Phone/1.0  (x)',
    );
    expect(request.path).toEqual(['<sip:p1;lr>', '<sip:p2;lr;ob>', '"x,y" <sip:p3>']);
    expect(request.path).toBe(request.path);
    expect(request.route).toEqual(['<sip:r>']);
    expect(request.userAgent).toBe('Phone/1.0  (x)');
    expect(withRows('Supported: Path,,  OUTBOUND ,').supported).toEqual(['path', 'outbound']);
    expect(withRows('Proxy-Require: Sec-Agree').proxyRequire).toEqual(['Sec-Agree']);
    expect(withRows('X-A: "a\\').values('x-a')).toEqual(['"a\\']);
  });

  it('Event and Subscription-State', () => {
    const request = withRows(
      'Event: reg ; id = 7',
      'Subscription-State: terminated;reason=timeout;retry-after=30;expires=9',
    );
    expect(request.event).toEqual({ type: 'reg', id: '7', params: [{ name: 'id', value: '7' }] });
    expect(request.subscriptionState).toEqual({
      state: 'terminated',
      reason: 'timeout',
      expiresSec: 9,
      retryAfterSec: 30,
    });
    expect(withRows('Subscription-State: active').subscriptionState).toEqual({
      state: 'active',
      reason: '',
      expiresSec: undefined,
      retryAfterSec: undefined,
    });
    for (const value of ['', 'a b', ';id=1', 'reg;id=1,x'])
      expect(codeOf(() => withRows(`Event: ${value}`).event)).toBe('SIP_ERR_VALUE');
  });
});
