import { parseMessage, type SipRequest } from '@rollcall/sip';
import type { Flow } from '@rollcall/transport';
import { expect, it } from 'vitest';
import { EdgePath, type PathPolicy } from './edge-path.ts';

const flows = {
  pathOf: (_flow: Flow, { ob, sips }: { ob: boolean; sips: boolean }) =>
    `${sips ? 'sips ' : ''}path${ob ? ' with ob' : ''}`,
};

/** The Path of a REGISTER that came from port 40000 of 192.0.2.7, or of `source`. */
function pathOf(
  rows: readonly string[],
  options: {
    transport?: 'udp' | 'tcp' | 'tls';
    sentBy?: string;
    policy?: PathPolicy;
    uri?: string;
    source?: string;
  } = {},
): string {
  const {
    source = '192.0.2.7',
    transport = 'udp',
    sentBy = '192.0.2.7:40000',
    policy = 'needed',
    uri = 'sip:example.com',
  } = options;
  const text = [
    `REGISTER ${uri} SIP/2.0`,
    `Via: SIP/2.0/${transport.toUpperCase()} ${sentBy};branch=z9hG4bKx;rport`,
    'From: <sip:alice@example.com>;tag=1',
    'To: <sip:alice@example.com>',
    'Call-ID: c',
    'CSeq: 1 REGISTER',
    ...rows,
    'Content-Length: 0',
  ].join('\r\n');
  const request = parseMessage(Buffer.from(`${text}\r\n\r\n`), 'datagram') as SipRequest;
  const flow = { transport, reliable: transport !== 'udp', remote: { host: source, port: 40_000 } };
  return new EdgePath(flows, policy).of(request, flow as Flow);
}

const own = 'Contact: <sip:alice@192.0.2.7:40000>';
const outbound = 'Contact: <sip:alice@192.0.2.7:40000>;reg-id=1;+sip.instance="<urn:uuid:1>"';

it('PA5: whoever says path has it', () => {
  expect(pathOf([own, 'Supported: path'])).toBe('path');
  expect(pathOf([own, 'k: path'], { policy: 'supported' })).toBe('path');
  expect(pathOf([own])).toBe('');
  expect(pathOf(['Contact: <sip:alice@pc.example.org>', 'k: path'])).toBe('path');
});

it('a third party is not reached by the flow of whoever registers it', () => {
  expect(pathOf(['Contact: <sip:alice@198.51.100.1>', 'Supported: path'])).toBe('');
});

it('RFC 5954 §4.2: an IPv6 address is its own however it is written', () => {
  const from = { source: '2001:db8::7', sentBy: '[2001:db8::7]:5060' };
  const long = 'Contact: <sip:alice@[2001:DB8:0:0:0:0:0:7]:5060>';
  expect(pathOf([long, 'Supported: path'], from)).toBe('path');
  expect(pathOf(['Contact: <sip:alice@[2001:db8::8]>', 'Supported: path'], from)).toBe('');
  // Behind a NAT: Via and Contact write the same address in two ways.
  expect(pathOf([long], { ...from, source: '2001:db8::99' })).toBe('path');
});

it('OB6: with ob where reg-id counts', () => {
  expect(pathOf([outbound, 'Supported: path, outbound'])).toBe('path with ob');
  expect(pathOf([outbound, 'Supported: path'])).toBe('path');
  expect(pathOf([own, 'Supported: path, outbound'])).toBe('path');
});

it('RFC 5630 §5.2: is of sips where all is, over TLS', () => {
  const sips = { transport: 'tls', uri: 'sips:example.com' } as const;
  const contact = 'Contact: <sips:alice@192.0.2.7:40000>';
  expect(pathOf([contact], sips)).toBe('sips path');
  expect(pathOf([own], sips)).toBe('path');
  expect(pathOf([`${contact}, <sip:alice@192.0.2.7:40000>`], sips)).toBe('path');
  expect(pathOf([contact], { ...sips, uri: 'sip:example.com' })).toBe('path');
  // TLS ends in front of the edge.
  expect(pathOf([contact], { ...sips, transport: 'tcp' })).toBe('path');
});

it('only at the first hop, and beside nobody else', () => {
  expect(pathOf([outbound, 'Supported: path, outbound', 'Via: SIP/2.0/UDP 10.0.0.1'])).toBe('');
  expect(pathOf([own, 'Supported: path', 'Path: <sip:proxy.example.org;lr>'])).toBe('');
});

it.each([
  ['over TCP, its own address', [own], { transport: 'tcp' }, 'path'],
  [
    'over TCP, the address of its listener',
    ['Contact: <sip:alice@192.0.2.7:5060>'],
    { transport: 'tcp' },
    '',
  ],
  [
    'over TCP behind a NAT',
    ['Contact: <sip:alice@10.0.0.4:5060>'],
    { transport: 'tcp', sentBy: '10.0.0.4:5060' },
    'path',
  ],
  [
    'over a WebSocket',
    ['Contact: <sip:alice@df7jal23ls0d.invalid>'],
    { transport: 'tcp', sentBy: 'df7jal23ls0d.invalid' },
    'path',
  ],
  ['over TCP, a third party', ['Contact: <sip:alice@198.51.100.1>'], { transport: 'tcp' }, ''],
  ['behind a NAT', ['Contact: <sip:alice@10.0.0.4:5060>'], { sentBy: '10.0.0.4:5060' }, 'path'],
  [
    'behind a NAT with a public address',
    ['Contact: <sip:alice@198.51.100.4>'],
    { sentBy: '198.51.100.4' },
    'path',
  ],
  [
    'IPv6, Via and Contact written in two ways',
    ['Contact: <sip:alice@[2001:db8:0::4]>'],
    { sentBy: '[2001:DB8::0:4]' },
    'path',
  ],
  ['behind a NAT, Via rewritten', ['Contact: <sip:alice@192.168.1.4>'], {}, 'path'],
  [
    'a NAT that maps the port alone',
    ['Contact: <sip:alice@192.0.2.7:5060>'],
    { sentBy: '192.0.2.7:5060' },
    'path',
  ],
  ['a listener beside the socket it sends by', ['Contact: <sip:alice@192.0.2.7:5060>'], {}, ''],
  ['a third party', ['Contact: <sip:alice@198.51.100.4>'], {}, ''],
  ['a name', ['Contact: <sip:alice@pc.example.org>'], {}, ''],
  ['a phone number', ['Contact: <tel:+15551234>'], { transport: 'tcp' }, ''],
  ['a third party beside itself', [`${own}, <sip:alice@198.51.100.4>`], { transport: 'tcp' }, ''],
  ['nothing', [], { transport: 'tcp' }, ''],
  ['everything gone', ['Contact: *'], { transport: 'tcp' }, ''],
] as const)('without path: %s', (_what, rows, options, expected) => {
  expect(pathOf(rows, options)).toBe(expected);
  expect(pathOf(rows, { ...options, policy: 'supported' })).toBe('');
});
