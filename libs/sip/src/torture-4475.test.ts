import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { aorOf, bytesOf, contactUris, folder, judge, look, nothingKnown, type Row } from '../test/torture.ts';
import { buildResponse, decodeUtf8, parseMessage, parseUri, serialise, validateRequest } from './index.ts';
import { unescapeUri } from './uri-escapes.ts';

/** RFC 4475: every file, in the order of the RFC. */
const rfc4475: readonly Row[] = [
  {
    file: 'wsinv.dat',
    id: 'TT-wsinv',
    expect: 'good',
    request: (request) => {
      expect(request.vias.map((via) => [via.transport, via.host, via.branch])).toEqual([
        ['UDP', '192.0.2.2', '390skdjuw'],
        ['TCP', 'spindle.example.com', 'z9hG4bK9ikj8'],
        ['UDP', '192.168.255.111', 'z9hG4bK30239'],
      ]);
      expect(request.to.tag).toBe('1918181833n');
      expect(request.from.displayName).toBe('J Rosenberg \\"');
      expect(request.from.tag).toBe('98asjd8');
      expect(request.cseq).toEqual({ sequence: 9, method: 'INVITE' });
      expect(request.maxForwards).toBe(68);
      expect(request.row('newfangledheader')).toBe('newfangled value continued newfangled value');
      expect(request.row('subject')).toBe('');
      expect(request.contacts).toEqual({
        star: false,
        contacts: [
          {
            uri: 'sip:jdrosen@example.com',
            displayName: 'Quoted string ""',
            expiresSec: undefined,
            qMilli: 330,
            instanceId: '',
            regId: 0,
            otherParams: ';newparam=newvalue;secondparam',
          },
        ],
      });
      expect(request.body.length).toBe(150);
    },
  },
  {
    file: 'intmeth.dat',
    id: 'TT-intmeth',
    expect: 'good',
    request: (request) => {
      expect(request.method).toBe("!interesting-Method0123456789_*+`.%indeed'~");
      expect(request.uri).toMatchObject({
        kind: 'sip',
        user: "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*",
        password: "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)",
        host: 'example.com',
      });
      expect(request.to.displayName).toBe('BEL:\x07 NUL:\x00 DEL:\x7f');
      expect(request.from.displayName).toBe("token1~` token2'+_ token3*%!.-");
      expect(request.from.params.map((param) => param.name)).toEqual(["fromparam''~+*_!.-%", 'tag']);
      expect(request.from.tag).toBe("_token~1'+`*%!-.");
      expect(decodeUtf8(request.row("extensionheader-!.%*+_`'~") ?? '')).toBe('\ufeff大停電');
    },
  },
  {
    file: 'esc01.dat',
    id: 'TT-esc01',
    expect: 'good',
    request: (request) => {
      expect(request.uri).toMatchObject({ user: 'sips%3Auser%40example.com', host: 'example.net' });
      expect(unescapeUri('sips%3Auser%40example.com')).toBe('sips:user@example.com');
      expect(aorOf(request)).toBe('sip:user@example.com');
      const uri = parseUri(request.contacts.star ? '' : (request.contacts.contacts[0]?.uri ?? ''));
      expect(uri).toMatchObject({ user: 'cal%6Cer', host: 'host5.example.net' });
      expect(uri.kind === 'sip' ? uri.params.map((param) => unescapeUri(param.value ?? '')) : []).toEqual([
        '',
        'value%41',
      ]);
    },
  },
  {
    file: 'escnull.dat',
    id: 'TT-escnull',
    expect: 'good',
    request: (request) => {
      expect(aorOf(request)).toBe('sip:null-%00-null@example.com');
      expect(contactUris(request)).toEqual(['sip:%00@host5.example.com', 'sip:%00%00@host5.example.com']);
    },
  },
  {
    file: 'esc02.dat',
    id: 'TT-esc02',
    expect: 'good',
    request: (request) => {
      expect(request.method).toBe('RE%47IST%45R');
      expect(request.to.displayName).toBe('%Z%45');
      expect(contactUris(request)).toEqual(['sip:alias1@host1.example.com', 'sip:alias3@host3.example.com']);
      expect(request.topVia.branch).toBe('z9hG4bK209%fzsnel234');
    },
  },
  {
    file: 'lwsdisp.dat',
    id: 'TT-lwsdisp',
    expect: 'good',
    request: (request) => {
      expect(request.from).toMatchObject({
        displayName: 'caller',
        uri: 'sip:caller@example.com',
        tag: '323',
      });
    },
  },
  {
    file: 'longreq.dat',
    id: 'TT-longreq',
    expect: 'good',
    request: (request) => {
      expect(request.vias).toHaveLength(34);
      expect(request.to.displayName).toHaveLength(103);
      expect(request.callId).toHaveLength(141);
      expect(request.from.tag).toHaveLength(155);
      expect(serialise(request).equals(bytesOf('rfc4475', 'longreq.dat'))).toBe(true);
    },
  },
  {
    file: 'dblreq.dat',
    id: 'TT-dblreq',
    expect: 'good',
    request: (request) => {
      expect(request.method).toBe('REGISTER');
      expect(request.callId).toBe('dblreq.0ha0isndaksdj99sdfafnl3lk233412');
      expect(request.body).toHaveLength(0);
      expect(request.vias).toHaveLength(1);
    },
  },
  {
    file: 'semiuri.dat',
    id: 'TT-semiuri',
    expect: 'good',
    request: (request) => {
      expect(request.uri).toMatchObject({
        user: 'user;par=u%40example.net',
        host: 'example.com',
        params: [],
      });
      expect(request.values('accept')).toEqual([
        'application/sdp',
        'application/pkcs7-mime',
        'multipart/mixed',
        'multipart/signed',
        'message/sip',
        'message/sipfrag',
      ]);
    },
  },
  {
    file: 'transports.dat',
    id: 'TT-transports',
    expect: 'good',
    request: (request) => {
      expect(request.vias.map((via) => via.transport)).toEqual(['UDP', 'SCTP', 'TLS', 'UNKNOWN', 'TCP']);
    },
  },
  {
    file: 'mpart01.dat',
    id: 'TT-mpart01',
    expect: 'good',
    request: (request) => {
      expect(request.body).toHaveLength(553);
      expect(request.body.includes(0)).toBe(true);
      expect(request.contentType).toEqual({
        value: 'multipart/mixed',
        params: [{ name: 'boundary', value: '7a9cbec02ceef655' }],
      });
      expect(request.dateAtMs).toBe(Date.UTC(2005, 9, 15, 4, 44, 56));
      expect(request.topVia.rport).toBe(true);
    },
  },
  {
    file: 'unreason.dat',
    id: 'TT-unreason',
    expect: 'good',
    response: (response) => {
      expect(response.status).toBe(200);
      expect(decodeUtf8(response.reasonPhrase)).toBe('= 2**3 * 5**2 но сто девяносто девять - простое');
    },
  },
  {
    file: 'noreason.dat',
    id: 'TT-noreason',
    expect: 'good',
    response: (response) => expect([response.status, response.reasonPhrase]).toEqual([100, '']),
  },
  { file: 'badinv01.dat', id: 'TT-badinv01', expect: [400, 'SIP_ERR_PARAM'] },
  { file: 'clerr.dat', id: 'TT-clerr', expect: [400, 'SIP_ERR_BODY_SHORT'] },
  { file: 'ncl.dat', id: 'TT-ncl', expect: [400, 'SIP_ERR_CONTENT_LENGTH'] },
  {
    file: 'scalar02.dat',
    id: 'TT-scalar02',
    expect: [400, 'SIP_ERR_CSEQ'],
    request: (request) => {
      expect(request.expiresSec).toBe(0xffff_ffff);
      expect(request.maxForwards).toBe(300);
      expect(request.contacts.star ? [] : request.contacts.contacts[0]?.expiresSec).toBe(0xffff_ffff);
    },
  },
  {
    file: 'scalarlg.dat',
    id: 'TT-scalarlg',
    expect: ['drop', 'SIP_ERR_CSEQ'],
    response: (response) => expect(response.retryAfterSec).toBe(0xffff_ffff),
  },
  { file: 'quotbal.dat', id: 'TT-quotbal', expect: [400, 'SIP_ERR_QUOTED_STRING'] },
  { file: 'ltgtruri.dat', id: 'TT-ltgtruri', expect: [400, 'SIP_ERR_URI'] },
  { file: 'lwsruri.dat', id: 'TT-lwsruri', expect: [400, 'SIP_ERR_REQUEST_LINE'] },
  { file: 'lwsstart.dat', id: 'TT-lwsstart', expect: [400, 'SIP_ERR_REQUEST_LINE'] },
  { file: 'trws.dat', id: 'TT-trws', expect: [400, 'SIP_ERR_REQUEST_LINE'] },
  { file: 'escruri.dat', id: 'TT-escruri', expect: [400, 'SIP_ERR_URI_HEADERS'] },
  {
    file: 'baddate.dat',
    id: 'TT-baddate',
    expect: 'good',
    request: (request) => expect(request.dateAtMs).toBeUndefined(),
  },
  { file: 'regbadct.dat', id: 'TT-regbadct', expect: [400, 'SIP_ERR_ADDRESS'] },
  { file: 'badaspec.dat', id: 'TT-badaspec', expect: [400, 'SIP_ERR_ADDRESS'] },
  { file: 'baddn.dat', id: 'TT-baddn', expect: [400, 'SIP_ERR_ADDRESS'] },
  { file: 'badvers.dat', id: 'TT-badvers', expect: [505, 'SIP_ERR_VERSION'] },
  { file: 'mismatch01.dat', id: 'TT-mismatch01', expect: [400, 'SIP_ERR_CSEQ_METHOD'] },
  { file: 'mismatch02.dat', id: 'TT-mismatch02', expect: [400, 'SIP_ERR_CSEQ_METHOD'] },
  { file: 'bigcode.dat', id: 'TT-bigcode', expect: ['drop', 'SIP_ERR_STATUS_LINE'] },
  {
    // Good to the parser: the transaction layer takes a branch that is nothing but the cookie as none (RFC 2543 matching).
    file: 'badbranch.dat',
    id: 'TT-badbranch',
    expect: 'good',
    request: (request) => expect(request.topVia.branch).toBe('z9hG4bK'),
  },
  { file: 'insuf.dat', id: 'TT-insuf', expect: [400, 'SIP_ERR_MISSING_FROM'] },
  { file: 'unkscm.dat', id: 'TT-unkscm', expect: [416, 'SIP_ERR_URI_SCHEME'] },
  { file: 'novelsc.dat', id: 'TT-novelsc', expect: [416, 'SIP_ERR_URI_SCHEME'] },
  { file: 'unksm2.dat', id: 'TT-unksm2', expect: [400, 'SIP_ERR_TO_SCHEME'] },
  {
    file: 'bext01.dat',
    id: 'TT-bext01',
    expect: [420, 'SIP_ERR_OPTION_TAG'],
    request: (request) => {
      expect(validateRequest(request, nothingKnown)?.headers).toBe(
        'Unsupported: noProxiesSupportThis, norDoAnyProxiesSupportThis, ' +
          'nothingSupportsThis, nothingSupportsThisEither\r\n',
      );
      // A redirect service ignores them (RFC 3261 §8.3): it asks for no such check.
      expect(validateRequest(request)).toBeUndefined();
    },
  },
  {
    file: 'invut.dat',
    id: 'TT-invut',
    expect: 'good',
    request: (request) => expect(request.contentType?.value).toBe('application/unknownformat'),
  },
  {
    file: 'regaut01.dat',
    id: 'TT-regaut01',
    expect: 'good',
    request: (request) => expect(request.authorization).toEqual([]),
  },
  { file: 'multi01.dat', id: 'TT-multi01', expect: [400, 'SIP_ERR_DUPLICATE_HEADER'] },
  { file: 'mcl01.dat', id: 'TT-mcl01', expect: [400, 'SIP_ERR_CONTENT_LENGTH'] },
  {
    // Good to the parser; dropped by who sees that the response has more than its own Via (RFC 3261 §18.1.2, §8.1.3.3).
    file: 'bcast.dat',
    id: 'TT-bcast',
    expect: 'good',
    response: (response) =>
      expect(response.vias.map((via) => via.host)).toEqual(['192.0.2.198', '255.255.255.255']),
  },
  {
    file: 'zeromf.dat',
    id: 'TT-zeromf',
    expect: 'good',
    request: (request) => expect(request.maxForwards).toBe(0),
  },
  {
    file: 'cparam01.dat',
    id: 'TT-cparam01',
    expect: 'good',
    request: (request) => {
      expect(request.contacts).toMatchObject({
        contacts: [{ uri: 'sip:+19725552222@gw1.example.net', otherParams: ';unknownparam' }],
      });
    },
  },
  {
    file: 'cparam02.dat',
    id: 'TT-cparam02',
    expect: 'good',
    request: (request) => {
      expect(request.contacts).toMatchObject({
        contacts: [{ uri: 'sip:+19725552222@gw1.example.net;unknownparam', otherParams: '' }],
      });
    },
  },
  {
    file: 'regescrt.dat',
    id: 'TT-regescrt',
    expect: 'good',
    request: (request) => {
      expect(contactUris(request)).toEqual(['sip:user@example.com?Route=%3Csip:sip.example.com%3E']);
      expect(request.route).toEqual([]);
    },
  },
  {
    file: 'sdp01.dat',
    id: 'TT-sdp01',
    expect: 'good',
    request: (request) => expect(request.values('accept')).toEqual(['text/nobodyKnowsThis']),
  },
  {
    file: 'inv2543.dat',
    id: 'TT-inv2543',
    expect: 'good',
    request: (request) => {
      expect(request.topVia.branch).toBeUndefined();
      expect(request.from.tag).toBeUndefined();
      expect(request.maxForwards).toBeUndefined();
      expect(request.body.toString()).toMatch(/^v=0\r\n/);
    },
  },
  // In the archive only: no version in its start line, so no SIP message.
  { file: 'test.dat', id: 'TT-test', expect: ['drop', 'SIP_ERR_START_LINE'] },
];

describe('RFC 4475 torture messages', () => {
  it.each(rfc4475)('$id: $file', (row) => {
    const bytes = bytesOf('rfc4475', row.file);
    expect(judge(bytes)).toEqual(row.expect);
    look(row, bytes);
  });

  it.each(rfc4475.filter((row) => row.expect !== 'good' && row.expect[0] !== 'drop'))(
    '$id: $file is answered with its Via and Call-ID where it has them',
    (row) => {
      const request = parseMessage(bytesOf('rfc4475', row.file), 'datagram');
      if (request.kind === 'response') throw new Error('not a request');
      const response = parseMessage(buildResponse(request, 400, 'Bad', { toTag: 't' }), 'datagram');
      expect(response.row('via')).toBe(request.row('via'));
      expect(response.row('call-id')).toBe(request.row('call-id'));
    },
  );
});

it('every file of rfc4475 has its row', () => {
  const files = readdirSync(new URL('rfc4475', folder)).sort();
  expect(files).toHaveLength(50);
  expect(rfc4475.map((row) => row.file).sort()).toEqual(files);
});
