import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  aorOf,
  asMeant,
  bytesOf,
  contactUris,
  type Expected,
  folder,
  judge,
  look,
  type Row,
} from '../test/torture.ts';
import { buildResponse } from './index.ts';

/**
 * RFC 5118: every file. The archive has bare LF for line ends, and bodies shorter than their Content-Length says: judged as
 * archived, and as meant, with CRLFs and the body's real length.
 */
const rfc5118: readonly (Row & { readonly asArchived?: Expected })[] = [
  {
    file: 'ipv6-good',
    id: 'V6-ipv6-good',
    expect: 'good',
    request: (request) => {
      expect(request.uri).toMatchObject({ host: '[2001:db8::10]', port: undefined });
      expect(request.topVia.host).toBe('[2001:db8::9:1]');
      expect(contactUris(request)).toEqual(['sip:caller@[2001:db8::1]']);
    },
  },
  { file: 'ipv6-bad', id: 'V6-ipv6-bad', expect: [400, 'SIP_ERR_URI'] },
  {
    file: 'port-ambiguous',
    id: 'V6-port-ambiguous',
    expect: 'good',
    request: (request) => expect(request.uri).toMatchObject({ host: '[2001:db8::10:5070]', port: undefined }),
  },
  {
    file: 'port-unambiguous',
    id: 'V6-port-unambiguous',
    expect: 'good',
    request: (request) => expect(request.uri).toMatchObject({ host: '[2001:db8::10]', port: 5070 }),
  },
  {
    file: 'via-received-param-with-delim',
    id: 'V6-via-received-with-delim',
    expect: 'good',
    request: (request) => expect(request.topVia.received).toBe('[2001:db8::9:255]'),
  },
  {
    file: 'via-received-param-no-delim',
    id: 'V6-via-received-no-delim',
    expect: 'good',
    request: (request) => {
      expect(request.topVia.received).toBe('2001:db8::9:255');
      const response = buildResponse(request, 200, 'OK', { toTag: 't', received: '2001:db8::77' });
      expect(response.toString('latin1')).toContain(
        'Via: SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::77;branch=z9hG4bKas3\r\n',
      );
    },
  },
  {
    file: 'ipv6-in-sdp',
    id: 'V6-ipv6-in-sdp',
    expect: 'good',
    asArchived: [400, 'SIP_ERR_BODY_SHORT'],
    request: (request) => expect(request.body.toString()).toContain('c=IN IP6 2001:db8::20'),
  },
  {
    file: 'mult-ip-in-header',
    id: 'V6-mult-ip-in-header',
    expect: 'good',
    request: (request) => {
      expect(request.vias.map((via) => [via.host, via.port, via.received])).toEqual([
        ['[2001:db8::9:1]', 6050, undefined],
        ['192.0.2.1', undefined, undefined],
        ['[2001:db8::9:255]', undefined, '192.0.2.200'],
      ]);
      expect(buildResponse(request, 481, 'No', { toTag: '' }).toString('latin1')).toContain(
        'Via: SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111\r\n' +
          'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144\r\n' +
          'Via: SIP/2.0/TCP [2001:db8::9:255];branch=z9hG4bK451jj;received=192.0.2.200\r\n',
      );
    },
  },
  {
    file: 'mult-ip-in-sdp',
    id: 'V6-mult-ip-in-sdp',
    expect: 'good',
    asArchived: [400, 'SIP_ERR_BODY_SHORT'],
    request: (request) => expect(request.body.toString()).toContain('c=IN IP4 192.0.2.1'),
  },
  {
    file: 'ipv4-mapped-ipv6',
    id: 'V6-ipv4-mapped',
    expect: 'good',
    request: (request) => {
      expect(request.vias.map((via) => [via.host, via.port])).toEqual([
        ['[::ffff:192.0.2.10]', 19823],
        ['[::ffff:192.0.2.2]', undefined],
      ]);
    },
  },
  {
    file: 'ipv6-bug-abnf-3-colons',
    id: 'V6-3-colons',
    expect: 'good',
    request: (request) => expect(aorOf(request)).toBe('sip:user@[2001:db8::c000:201]'),
  },
  {
    file: 'ipv6-correct-abnf-2-colons',
    id: 'V6-2-colons',
    expect: 'good',
    request: (request) => expect(aorOf(request)).toBe('sip:user@[2001:db8::c000:201]'),
  },
];

describe('RFC 5118 IPv6 torture messages', () => {
  it.each(rfc5118)('$id: $file', (row) => {
    const bytes = bytesOf('rfc5118', row.file);
    expect(judge(bytes)).toEqual(row.asArchived ?? row.expect);
    expect(judge(asMeant(bytes))).toEqual(row.expect);
    look(row, asMeant(bytes));
  });
});

it('every file of rfc5118 has its row', () => {
  const files = readdirSync(new URL('rfc5118', folder)).sort();
  expect(files).toHaveLength(12);
  expect(rfc5118.map((row) => row.file).sort()).toEqual(files);
});
