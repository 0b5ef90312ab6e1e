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
import { buildResponse, limits } from './index.ts';

describe('area H: what transport needs of a message', () => {
  const via = (row: string) => register([`Via: ${row}`, ...mandatory.slice(1)]);
  const stamped = (row: string, options: { received?: string; rport?: number }) =>
    buildResponse(via(row), 200, 'OK', { toTag: 'x', ...options })
      .toString('latin1')
      .split('\r\n')[1];

  it('X1: received is added to the top Via value only', () => {
    expect(
      stamped('SIP/2.0/UDP host.invalid;branch=z9hG4bK1, SIP/2.0/UDP b', { received: '192.0.2.7' }),
    ).toBe('Via: SIP/2.0/UDP host.invalid;branch=z9hG4bK1;received=192.0.2.7, SIP/2.0/UDP b');
    expect(stamped('SIP/2.0/UDP host.invalid', { received: '192.0.2.7' })).toBe(
      'Via: SIP/2.0/UDP host.invalid;received=192.0.2.7',
    );
    expect(
      stamped('SIP/2.0/UDP host.invalid, SIP/2.0/UDP b;rport', { received: '192.0.2.7', rport: 9 }),
    ).toBe('Via: SIP/2.0/UDP host.invalid;received=192.0.2.7, SIP/2.0/UDP b;rport');
  });

  it('X1: a received that the client sent is overwritten', () => {
    expect(
      stamped('SIP/2.0/UDP h;received=6.6.6.6;branch=z9hG4bK1;received=7.7.7.7', { received: '192.0.2.7' }),
    ).toBe('Via: SIP/2.0/UDP h;received=192.0.2.7;branch=z9hG4bK1;received=7.7.7.7');
  });

  it('X2: rport is filled where the client asked for it', () => {
    expect(stamped('SIP/2.0/UDP h ; rport ; branch=z9hG4bK1', { received: '192.0.2.7', rport: 54321 })).toBe(
      'Via: SIP/2.0/UDP h ; rport=54321 ; branch=z9hG4bK1;received=192.0.2.7',
    );
    expect(stamped('SIP/2.0/UDP h;branch=z9hG4bK1;RPORT=1', { rport: 54321 })).toBe(
      'Via: SIP/2.0/UDP h;branch=z9hG4bK1;RPORT=54321',
    );
    expect(stamped('SIP/2.0/UDP h;branch=z9hG4bK1', { rport: 54321 })).toBe(
      'Via: SIP/2.0/UDP h;branch=z9hG4bK1',
    );
    expect(stamped('SIP/2.0/UDP h;rport', {})).toBe('Via: SIP/2.0/UDP h;rport');
  });

  it('X5: maddr is there for whoever decides about it', () => {
    expect(via('SIP/2.0/UDP h;maddr=192.0.2.66;ttl=1').topVia).toMatchObject({ maddr: '192.0.2.66' });
  });

  it('X8: without Content-Length a datagram has all the rest for its body', () => {
    expect(register(mandatory, undefined, 'rest').body.toString()).toBe('rest');
    expect(register([...mandatory, 'Content-Length: 2'], undefined, 'rest').body.toString()).toBe('re');
  });

  it.each(['-1', 'abc', '', '5 5', '0x5', '1.0', '99999999999999999999'])(
    'X9: Content-Length "%s": 400',
    (value) => {
      expect(verdict(withRows(`Content-Length: ${value}`))).toBe('400 SIP_ERR_CONTENT_LENGTH');
    },
  );

  it('X10: bytes after the body are ignored, a body cut short is a 400', () => {
    expect(verdict(register([...mandatory, 'Content-Length: 4'], undefined, 'body and more'))).toBe('good');
    const short = register([...mandatory, 'Content-Length: 5'], undefined, 'body');
    expect(verdict(short)).toBe('400 SIP_ERR_BODY_SHORT');
    expect(short.body.toString()).toBe('body');
  });

  it('X11: 60 KB are read, more than a datagram can hold is owed 513', () => {
    const padded = (bytes: number) => withRows(`X-Padding: ${'x'.repeat(bytes)}`);
    expect(verdict(padded(60_000))).toBe('good');
    expect(verdict(padded(limits.messageBytes))).toBe('513 SIP_ERR_MESSAGE_SIZE');
    expect(verdict(withRows(...Array.from({ length: 100 }, () => `Subject: ${'x'.repeat(600)}`)))).toBe(
      'good',
    );
  });

  it('X11: a start line, a header row, rows and values beyond their limits', () => {
    expect(verdict(register(mandatory, `REGISTER sip:${'h'.repeat(limits.startLineBytes)} SIP/2.0`))).toBe(
      '414 SIP_ERR_REQUEST_LINE_SIZE',
    );
    expect(verdict(withRows(`Subject: ${'x'.repeat(limits.headerRowBytes)}`))).toBe(
      '513 SIP_ERR_HEADER_SIZE',
    );
    expect(verdict(withRows(...Array.from({ length: limits.headerRows }, () => 'A: b')))).toBe(
      '400 SIP_ERR_HEADER_COUNT',
    );
    const many = (count: number, value: string) => Array.from({ length: count }, () => value).join(',');
    expect(verdict(withRows(`Via: ${many(limits.vias, 'SIP/2.0/UDP h')}`))).toBe('400 SIP_ERR_VIA_COUNT');
    expect(verdict(withRows(`Contact: ${many(limits.contacts + 1, '<sip:a@h>')}`))).toBe(
      '400 SIP_ERR_CONTACT_COUNT',
    );
    const params = (count: number) => Array.from({ length: count }, (_, index) => `;p${index}`).join('');
    expect(verdict(withRows(`Contact: <sip:a@h>${params(limits.params + 1)}`))).toBe(
      '400 SIP_ERR_PARAM_COUNT',
    );
    expect(verdict(withRows(`Contact: <sip:a@h>${params(limits.params)}`))).toBe('good');
    expect(codeOf(() => withRows(`Supported: ${many(limits.listValues + 1, 'a')}`).supported)).toBe(
      'SIP_ERR_LIST_COUNT',
    );
  });
});

describe('line ends', () => {
  const head = `REGISTER sip:example.com SIP/2.0\r\n${mandatory.join('\r\n')}\r\n`;

  it('a bare LF or CR in a message with CRLFs ends no row and is a 400', () => {
    for (const stray of ['\n', '\r', '\n\n', '\r\r']) {
      const request = asRequest(parse(`${head}Subject: one${stray}Contact: <sip:evil@h>\r\n\r\n`));
      expect(verdict(request)).toBe('400 SIP_ERR_LINE_END');
      expect(contactsOf(request)).toEqual([]);
    }
  });

  it('a stray line end is never echoed', () => {
    const rows = mandatory.map((row) =>
      row.startsWith('Call-ID') ? 'Call-ID: c-1\nContact: <sip:evil@h>' : row,
    );
    const response = buildResponse(register(rows), 400, 'Bad Request', { toTag: 'x' }).toString('latin1');
    expect(response).toContain('Call-ID: c-1 Contact: <sip:evil@h>\r\n');
  });

  it('a datagram whose start line ends in a bare LF has bare LFs for line ends', () => {
    const request = asRequest(
      parse(`${head}Contact: <sip:a@h>\r\n ;expires=5\r\n\r\nbody\n\n`.replaceAll('\r\n', '\n')),
    );
    expect(verdict(request)).toBe('good');
    expect(request.contacts).toMatchObject({ contacts: [{ expiresSec: 5 }] });
    expect(request.body.toString()).toBe('body\n\n');
  });

  it('such a datagram with a CR in its head is a 400, and on a stream it is dropped', () => {
    const text = head.replaceAll('\r\n', '\n');
    expect(verdict(asRequest(parse(`${text}A: b\r\n\n`)))).toBe('400 SIP_ERR_LINE_END');
    expect(codeOf(() => parse(`${text}\n`, 'stream'))).toBe('SIP_ERR_START_LINE');
  });

  it('a datagram may lack the empty line, not the end of its last row; a stream may lack neither', () => {
    expect(verdict(asRequest(parse(head)))).toBe('good');
    expect(verdict(asRequest(parse(`${head}Subject: cut`)))).toBe('400 SIP_ERR_HEAD_UNFINISHED');
    expect(verdict(asRequest(parse(`${head}Subject: cut\rX`)))).toBe('400 SIP_ERR_HEAD_UNFINISHED');
    expect(verdict(asRequest(parse(head, 'stream')))).toBe('400 SIP_ERR_HEAD_UNFINISHED');
  });

  it.each(['no colon', ': no name', 'two words: x', ' fold without a row', '"q": x', 'Ümlaut: x'])(
    'a line "%s" is no header: 400',
    (line) => expect(verdict(register([line, ...mandatory]))).toBe('400 SIP_ERR_HEADER'),
  );
});
