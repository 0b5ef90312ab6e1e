import { describe, expect, it } from 'vitest';
import { mandatory, parse, register, withRows } from '../test/sample-messages.ts';
import { buildRequest, buildResponse, parseMessage, serialise } from './index.ts';

describe('buildRequest', () => {
  it('writes the rows in order and the length of the body', () => {
    const bytes = buildRequest({
      method: 'OPTIONS',
      requestUri: 'sip:example.com',
      headers: [
        ['Via', 'SIP/2.0/UDP h'],
        ['From', '<sip:a@h>;tag=1'],
      ],
      body: Buffer.from('body'),
    });
    expect(bytes.toString()).toBe(
      'OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@h>;tag=1\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(buildRequest({ method: 'A', requestUri: 'b:c', headers: [] }).toString()).toBe(
      'A b:c SIP/2.0\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('no value can add a row', () => {
    const bytes = buildRequest({
      method: 'A',
      requestUri: 'b:c\r\nX: y',
      headers: [['S', 'a\nContact: *\r\n\r\n']],
    });
    expect(parse(bytes.toString()).rows('contact')).toEqual([]);
    expect(parse(bytes.toString()).rows('x')).toEqual([]);
  });
});

describe('serialise', () => {
  const text =
    '\r\nINVITE sip:a@h SIP/2.0\r\nv : SIP/2.0/UDP h;branch=z9hG4bK1  \r\nsubject:\r\n one\r\n\ttwo \r\nX-Odd:;;,"\r\nl: 2\r\n\r\nokmore';
  const message = parse(text);

  it('leaves every row byte-exact and drops what is outside the message', () => {
    expect(serialise(message).toString()).toBe(text.slice(2, -4));
  });

  it('changes what it is told to, and nothing else', () => {
    const bytes = serialise(message, {
      requestUri: 'sip:b@h2',
      prepend: 'Via: SIP/2.0/TCP me\r\n',
      without: ['via', 'x-odd'],
      append: 'Max-Forwards: 69\r\n',
    });
    expect(bytes.toString()).toBe(
      'INVITE sip:b@h2 SIP/2.0\r\nVia: SIP/2.0/TCP me\r\nsubject:\r\n one\r\n\ttwo \r\nl: 2\r\nMax-Forwards: 69\r\n\r\nok',
    );
  });

  it('adds a Content-Length where there is none, so that it may go by a stream', () => {
    expect(serialise(parse('A b:c SIP/2.0\r\nX: y\r\n\r\nbody')).toString()).toBe(
      'A b:c SIP/2.0\r\nX: y\r\nContent-Length: 4\r\n\r\nbody',
    );
    expect(serialise(parse('A b:c SIP/2.0\r\nX: y\r\n')).toString()).toBe(
      'A b:c SIP/2.0\r\nX: y\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('writes CRLFs whatever line ends it got', () => {
    expect(serialise(parse('A b:c SIP/2.0\nX: y\n z\nl: 0\n\n')).toString()).toBe(
      'A b:c SIP/2.0\r\nX: y\r\n z\r\nl: 0\r\n\r\n',
    );
    expect(serialise(parse('A b:c SIP/2.0\r\nX: y\rz\r\nl: 0\r\n\r\n')).toString()).toBe(
      'A b:c SIP/2.0\r\nX: y z\r\nl: 0\r\n\r\n',
    );
  });

  it('keeps status lines', () => {
    const response = 'SIP/2.0 200 Fine \xc3\xa9\r\nX: y\r\nl: 0\r\n\r\n';
    expect(serialise(parse(response)).toString('latin1')).toBe(response);
    expect(serialise(parse(response.replaceAll('\r\n', '\n'))).toString('latin1')).toBe(response);
  });
});

describe('buildResponse', () => {
  it('U8: copies Via, From, To, Call-ID and CSeq, and adds the tag', () => {
    const request = register(['X: y', ...mandatory, 'Contact: <sip:a@h>']);
    expect(
      buildResponse(request, 200, 'OK', { toTag: 't1', headers: 'Contact: <sip:a@h>\r\n' }).toString(),
    ).toBe(
      'SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1;rport\r\n' +
        'From: <sip:alice@example.com>;tag=a1\r\nTo: <sip:alice@example.com>;tag=t1\r\nCall-ID: c-1@192.0.2.1\r\n' +
        'CSeq: 7 REGISTER\r\nContact: <sip:a@h>\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('U8: leaves a tag that is there, and one that cannot be read; 100 needs none', () => {
    const to = (value: string, toTag: string) =>
      parseMessage(
        buildResponse(
          register(mandatory.map((row) => (row.startsWith('To') ? `To: ${value}` : row))),
          200,
          'OK',
          { toTag },
        ),
        'datagram',
      ).row('to');
    expect(to('<sip:a@h>;tag=x', 't1')).toBe('<sip:a@h>;tag=x');
    expect(to('"a <sip:a@h>', 't1')).toBe('"a <sip:a@h>');
    expect(to('sip:a@h', 't1')).toBe('sip:a@h;tag=t1');
    expect(to('<sip:a@h>;tag=', 't1')).toBe('<sip:a@h>;tag=t1');
    expect(to('"x;tag=" <sip:a@h;tag> ; Tag ;y="tag=z"', 't1')).toBe(
      '"x;tag=" <sip:a@h;tag> ; Tag=t1 ;y="tag=z"',
    );
    expect(to('<sip:a@h>', '')).toBe('<sip:a@h>');
  });

  it('leaves out what the request lacks', () => {
    expect(buildResponse(register(['X: y']), 400, 'Bad', { toTag: 't' }).toString()).toBe(
      'SIP/2.0 400 Bad\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('stamps the good part of a Via whose end is broken', () => {
    const request = register(['Via: SIP/2.0/UDP h;rport;;x', ...mandatory.slice(1)]);
    expect(
      buildResponse(request, 400, 'Bad', { toTag: 't', received: '192.0.2.7', rport: 9 }).toString(),
    ).toContain('Via: SIP/2.0/UDP h;rport=9;received=192.0.2.7;;x\r\n');
  });

  it('does not swallow what is no error of a message', () => {
    const request = withRows();
    Object.defineProperty(request, 'to', {
      get: () => {
        throw new RangeError('a bug');
      },
    });
    expect(() => buildResponse(request, 200, 'OK', { toTag: 't' })).toThrow(RangeError);
  });
});
