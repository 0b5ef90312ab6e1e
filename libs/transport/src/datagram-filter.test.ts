import { describe, expect, it } from 'vitest';
import { latin1, registerText } from '../test/messages.ts';
import { classifyDatagram, skipLeadingLineEnds } from './datagram-filter.ts';

function classify(bytes: Buffer) {
  return classifyDatagram(bytes, skipLeadingLineEnds(bytes));
}

function stun(cookie: number): Buffer {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16BE(1, 0);
  bytes.writeUInt32BE(cookie, 4);
  return bytes;
}

describe('what a datagram is', () => {
  it.each([
    ['a request', latin1(registerText()), 'sip'],
    ['M16: a request behind CRLFs', latin1(`\r\n\r\n${registerText()}`), 'sip'],
    [
      'a method that starts with a token character (RFC 4475 §3.1.1.2)',
      latin1('!x sip:a SIP/2.0\r\n\r\n'),
      'sip',
    ],
    ['the shortest message', latin1('A b SIP/2.0\r\n\r\n'), 'sip'],
    ['too short to be one', latin1('hello'), 'too-short'],
    ['nothing', Buffer.alloc(0), 'keep-alive'],
    ['CRLFCRLF', latin1('\r\n\r\n'), 'keep-alive'],
    ['four zero bytes', Buffer.alloc(4), 'keep-alive'],
    ['STUN', stun(0x2112a442), 'stun'],
    ['old STUN without the cookie', stun(0), 'garbage'],
    ['zeros', Buffer.alloc(100), 'garbage'],
    ['short binary', Buffer.from([1, 0, 0]), 'garbage'],
    ['RTP', Buffer.alloc(172, 0x80), 'garbage'],
    ['a TLS hello', latin1('\x16\x03\x01'.padEnd(60, 'x')), 'garbage'],
    ['a space first', latin1(` ${registerText()}`), 'garbage'],
  ])('%s', (_what, bytes, kind) => {
    expect(classify(bytes)).toBe(kind);
  });
});
