import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readProxyHeader } from './proxy-header.ts';

const signature = '0d0a0d0a000d0a515549540a';
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (line: string) => Buffer.from(line, 'latin1');

describe('the header of the PROXY protocol, version 1', () => {
  it.each([
    ['PROXY TCP4 192.0.2.7 198.51.100.1 40000 5060\r\n', { host: '192.0.2.7', port: 40_000 }],
    ['PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n', { host: '255.255.255.255', port: 65_535 }],
    ['PROXY TCP6 2001:DB8:0:0::7 2001:db8::1 40000 5060\r\n', { host: '2001:db8::7', port: 40_000 }],
    ['PROXY TCP6 ::ffff:192.0.2.7 ::1 1 2\r\n', { host: '192.0.2.7', port: 1 }],
    ['PROXY UNKNOWN\r\n', undefined],
    ['PROXY UNKNOWN 192.0.2.7 whatever it is\r\n', undefined],
  ])('%j', (line, client) => {
    expect(readProxyHeader(text(`${line}REGISTER …`))).toEqual({ length: line.length, client });
  });

  it.each([
    ['no header', 'REGISTER sip:example.com SIP/2.0\r\n', 'absent'],
    ['a TLS handshake', '\x16\x03\x01\x02', 'absent'],
    ['a keep-alive, and a request', '\r\n\r\nREGISTER ', 'absent'],
    ['another case', 'proxy TCP4', 'absent'],
    ['two blanks', 'PROXY  TCP4 192.0.2.7 198.51.100.1 40000 5060\r\n', 'malformed'],
    ['a bare LF', 'PROXY TCP4 192.0.2.7 198.51.100.1 40000 5060\n', 'malformed'],
    ['a CR within', 'PROXY UNKNOWN a\rb\r\n', 'malformed'],
    ['another protocol', 'PROXY UDP4 192.0.2.7 198.51.100.1 40000 5060\r\n', 'malformed'],
    ['addresses of the other family', 'PROXY TCP4 ::1 ::1 40000 5060\r\n', 'malformed'],
    ['a zero in front', 'PROXY TCP4 192.0.2.07 198.51.100.1 40000 5060\r\n', 'malformed'],
    ['a zero in front of a port', 'PROXY TCP4 192.0.2.7 198.51.100.1 040000 5060\r\n', 'malformed'],
    ['a port that is none', 'PROXY TCP4 192.0.2.7 198.51.100.1 65536 5060\r\n', 'malformed'],
    ['a port that is none, theirs', 'PROXY TCP4 192.0.2.7 198.51.100.1 5060 65536\r\n', 'malformed'],
    ['half of it', 'PROXY TCP4 192.0.2.7 40000\r\n', 'malformed'],
    ['a zone', 'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n', 'malformed'],
    ['a name', 'PROXY TCP4 phone.example.com 198.51.100.1 1 2\r\n', 'malformed'],
    ['more after it', 'PROXY TCP4 192.0.2.7 198.51.100.1 1 2 3\r\n', 'malformed'],
    ['no end', `PROXY UNKNOWN ${'x'.repeat(100)}`, 'too-long'],
    ['the beginning', 'PROXY TCP4 192.0.2.7 198.51.100.1 400', 'more'],
    ['nothing yet', '', 'more'],
  ])('%s', (_what, line, expected) => {
    expect(readProxyHeader(text(line))).toBe(expected);
  });

  it('takes the longest line that there may be, and none that is longer', () => {
    const longest = `PROXY UNKNOWN ${'f'.repeat(91)}\r\n`;
    expect(longest).toHaveLength(107);
    expect(readProxyHeader(text(longest))).toEqual({ length: 107, client: undefined });
    expect(readProxyHeader(text(longest.replace('ff', 'fff')))).toBe('too-long');
  });
});

describe('the header of the PROXY protocol, version 2', () => {
  const ipv4 = 'c0000207 c6336401 9c40 13c4';
  const ipv6 = '20010db8000000000000000000000007 20010db8000000000000000000000001 9c40 13c4';

  it.each([
    ['TCP over IPv4', `21 11 000c ${ipv4}`, { host: '192.0.2.7', port: 40_000 }],
    ['TCP over IPv6', `21 21 0024 ${ipv6}`, { host: '2001:db8::7', port: 40_000 }],
    [
      'with TLVs, which are skipped',
      `21 11 0013 ${ipv4} 04 0004 ffffffff`,
      { host: '192.0.2.7', port: 40_000 },
    ],
    [
      'mapped',
      `21 21 0024 00000000000000000000ffffc0000207 ${'00'.repeat(16)} 0001 0002`,
      { host: '192.0.2.7', port: 1 },
    ],
    ['LOCAL', '20 00 0000', undefined],
    ['LOCAL with an address, which is ignored', `20 11 000c ${ipv4}`, undefined],
    ['LOCAL with a family that is none', '20 f7 0000', undefined],
  ])('%s', (_what, header, client) => {
    const bytes = hex(signature + header);
    expect(readProxyHeader(Buffer.concat([bytes, text('REGISTER …')]))).toEqual({
      length: bytes.length,
      client,
    });
    expect(readProxyHeader(bytes.subarray(0, -1))).toBe('more');
  });

  it.each([
    ['version 1 in binary', `11 11 000c ${ipv4}`, 'malformed'],
    ['a command that is none', `22 11 000c ${ipv4}`, 'malformed'],
    ['a family that is none', `21 41 000c ${ipv4}`, 'malformed'],
    ['a protocol that is none', `21 13 000c ${ipv4}`, 'malformed'],
    ['less room than an address takes', `21 11 000b ${ipv4}`, 'malformed'],
    ['the room of IPv4 for IPv6', `21 21 000c ${ipv4}`, 'malformed'],
    ['a connection of nobody', '21 00 0000', 'no-address'],
    ['UDP', `21 12 000c ${ipv4}`, 'no-address'],
    ['a UNIX socket', `21 31 00d8 ${'00'.repeat(216)}`, 'no-address'],
    ['more than a header has', '21 11 ffff', 'too-long'],
    ['more than a LOCAL one has', '20 00 03f1', 'too-long'],
  ])('%s', (_what, header, expected) => {
    expect(readProxyHeader(hex(signature + header))).toBe(expected);
  });
});

it('decides by the bytes alone: never after 1,024 of them, and not differently once there are more', () => {
  const start = fc.constantFrom(
    '',
    'PROXY ',
    'PROXY TCP4 ',
    signature,
    `${signature}21`,
    `${signature}2111000c`,
  );
  const hostile = fc
    .tuple(start, fc.uint8Array({ maxLength: 1_100 }))
    .map(([first, rest]) => Buffer.concat([first.startsWith('PROXY') ? text(first) : hex(first), rest]));
  fc.assert(
    fc.property(hostile, fc.nat(), (bytes, at) => {
      const whole = readProxyHeader(bytes);
      if (whole === 'more') expect(bytes.length).toBeLessThan(1_024);
      const before = readProxyHeader(bytes.subarray(0, at % (bytes.length + 1)));
      if (before !== 'more') expect(whole).toEqual(before);
      if (typeof whole === 'object') expect(whole.length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2_000 },
  );
});
