import { describe, expect, it } from 'vitest';
import { parseVia } from '../test/messages.ts';
import { reconnectTarget, responseTarget } from './response-target.ts';

const remote = { host: '198.51.100.7', port: 40_000 };

function target(via: string, reliable = false, from = remote) {
  return responseTarget(parseVia(via), from, reliable);
}

describe('where a response goes', () => {
  it('X1: a sent-by that is a name, or not the source, gets received', () => {
    expect(target('SIP/2.0/UDP host.invalid;branch=z9hG4bKa').received).toBe('198.51.100.7');
    expect(target('SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa').received).toBe('198.51.100.7');
    expect(target('SIP/2.0/UDP 198.51.100.7;branch=z9hG4bKa').received).toBeUndefined();
    expect(target('SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKa', true).received).toBe('198.51.100.7');
  });

  it('X1: what the sender wrote into received is overridden', () => {
    expect(target('SIP/2.0/UDP 198.51.100.7;received=203.0.113.66').received).toBe('198.51.100.7');
  });

  it('X2: an empty rport is filled with the source port, and received is always there', () => {
    expect(target('SIP/2.0/UDP 198.51.100.7;rport;branch=z9hG4bKa')).toEqual({
      host: '198.51.100.7',
      port: 40_000,
      received: '198.51.100.7',
      rport: 40_000,
    });
    expect(target('SIP/2.0/TCP 198.51.100.7;rport', true)).toMatchObject({
      received: '198.51.100.7',
      rport: 40_000,
    });
  });

  it('X2: an rport that the sender filled in is overridden', () => {
    expect(target('SIP/2.0/UDP 198.51.100.7;rport=5060')).toMatchObject({ port: 40_000, rport: 40_000 });
  });

  it('X4: without rport it goes to the source address and the sent-by port, 5060 by default', () => {
    expect(target('SIP/2.0/UDP 10.0.0.1:5070')).toMatchObject({
      host: '198.51.100.7',
      port: 5070,
      rport: undefined,
    });
    expect(target('SIP/2.0/UDP 10.0.0.1').port).toBe(5060);
  });

  it('X5: maddr is not followed', () => {
    expect(target('SIP/2.0/UDP 10.0.0.1;maddr=192.0.2.66')).toMatchObject({
      host: '198.51.100.7',
      port: 5060,
    });
  });

  it('X6: on a stream it goes back to the peer; to the sent-by port once the connection is gone', () => {
    expect(target('SIP/2.0/TCP 10.0.0.1:5070', true)).toMatchObject(remote);
    expect(reconnectTarget(parseVia('SIP/2.0/TCP 10.0.0.1:5070'), remote)).toEqual({
      host: '198.51.100.7',
      port: 5070,
    });
    expect(reconnectTarget(parseVia('SIP/2.0/TCP 10.0.0.1'), remote).port).toBe(5060);
    expect(reconnectTarget(parseVia('SIP/2.0/TLS 10.0.0.1'), remote).port).toBe(5061);
  });

  it('IPv6: a sent-by in brackets equals its source, and a zone never leaves the host', () => {
    const source = { host: '2001:db8::7', port: 40_000 };
    // RFC 5954 §4.2: in whatever form it is written.
    for (const host of ['[2001:db8::7]', '[2001:DB8:0:0:0:0:0:0007]']) {
      expect(target(`SIP/2.0/UDP ${host}:5070`, false, source)).toMatchObject({
        received: undefined,
        port: 5070,
      });
    }
    expect(target('SIP/2.0/UDP [2001:db8::8];rport', false, { host: 'fe80::1%eth0', port: 1 })).toMatchObject(
      {
        host: 'fe80::1%eth0',
        received: 'fe80::1',
      },
    );
  });
});
