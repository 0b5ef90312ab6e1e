import { parseMessage } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { ClientFixture } from '../test/client-fixture.ts';
import { makeRequest, makeResponse } from '../test/messages.ts';
import { buildAck } from './build-ack.ts';

const invite = {
  method: 'INVITE',
  requestUri: 'sip:bob@192.0.2.9',
  extra: 'Route: <sip:one.example.com;lr>, <sip:two.example.com;lr>\r\nRoute: <sip:three.example.com;lr>\r\n',
} as const;

describe('client transaction of an INVITE', () => {
  it('repeats over UDP at doubling intervals, without an upper one, and gives up after 64·T1', () => {
    const fixture = new ClientFixture();
    fixture.start(invite);
    const counts: number[] = [];
    for (const seconds of [0.51, 1, 2, 4, 8, 16]) {
      fixture.clock.advance(seconds * 1_000);
      counts.push(fixture.sent.length);
    }
    expect(counts).toEqual([2, 3, 4, 5, 6, 7]);
    fixture.clock.advance(1_000);
    expect(fixture.told).toEqual(['timeout']);
    expect(fixture.clock.pending).toBe(0);
  });

  it('stops repeating with the first provisional response', () => {
    const fixture = new ClientFixture();
    const transaction = fixture.start(invite);
    fixture.receive(invite, 100);
    fixture.receive(invite, 180);
    fixture.clock.advance(60_000);
    expect(fixture.sent).toEqual(['INVITE']);
    expect(fixture.told).toEqual([100, 180]);
    expect(transaction?.state).toBe('proceeding');
    fixture.clock.advance(150_000);
    expect(fixture.told).toEqual([100, 180, 'timeout']);
  });

  it('acknowledges a final response, and each copy of it, for timer D', () => {
    const fixture = new ClientFixture();
    const transaction = fixture.start(invite);
    fixture.receive(invite, 404);
    fixture.receive(invite, 404);
    fixture.receive(invite, 180);
    expect(fixture.sent).toEqual(['INVITE', 'ACK', 'ACK']);
    expect(fixture.told).toEqual([404]);
    fixture.clock.advance(31_900);
    expect(transaction?.state).toBe('completed');
    fixture.clock.advance(200);
    expect(fixture.transactions.size).toBe(0);
  });

  it('over TCP ends with the ACK', () => {
    const fixture = new ClientFixture(true);
    fixture.start(invite);
    fixture.receive(invite, 486);
    expect(fixture.sent).toEqual(['INVITE', 'ACK']);
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });

  it('RFC 6026: passes every 2xx for timer M and leaves the ACK to the user', () => {
    const fixture = new ClientFixture();
    const transaction = fixture.start(invite);
    fixture.receive(invite, 200);
    fixture.receive(invite, 200);
    fixture.receive(invite, 180);
    fixture.receive(invite, 404);
    expect(fixture.told).toEqual([200, 200]);
    expect(fixture.sent).toEqual(['INVITE']);
    fixture.clock.advance(31_900);
    expect(transaction?.state).toBe('accepted');
    fixture.clock.advance(200);
    expect(fixture.receive(invite, 200)).toBe(false);
  });

  it('tells of a transport error while calling; the response counts where only the ACK is lost', () => {
    const calling = new ClientFixture();
    calling.path.broken = true;
    calling.start(invite);
    expect(calling.told).toEqual(['send-failed']);

    const answered = new ClientFixture();
    answered.start(invite);
    answered.path.broken = true;
    answered.receive(invite, 404);
    expect(answered.told).toEqual([404]);
    expect(answered.transactions.size).toBe(0);
  });

  it('ignores what comes after it was abandoned', () => {
    const fixture = new ClientFixture();
    const transaction = fixture.start(invite);
    transaction?.abandon();
    transaction?.abandon();
    expect(fixture.receive(invite, 200)).toBe(false);
    expect(transaction?.state).toBe('terminated');
    expect(fixture.told).toEqual([]);
  });
});

describe('ACK of a final response', () => {
  it('has the INVITE’s branch, Request-URI and Routes, and the To of the response (RFC 3261 §17.1.1.3)', () => {
    const request = makeRequest(invite);
    const response = makeResponse(request, 404);
    const ack = parseMessage(buildAck(Buffer.from(request.parts.bytes), response), 'datagram');
    if (ack.kind !== 'request') throw new TypeError('not a request');
    expect(ack.method).toBe('ACK');
    expect(ack.requestUri).toBe(invite.requestUri);
    expect(ack.vias).toEqual([request.topVia]);
    expect(ack.cseq).toEqual({ sequence: 1, method: 'ACK' });
    expect(ack.callId).toBe(request.callId);
    expect(ack.row('from')).toBe(request.row('from'));
    expect(ack.row('to')).toBe(response.row('to'));
    expect(ack.route).toEqual(request.route);
    expect(ack.route).toHaveLength(3);
  });

  it('is not made from a response', () => {
    const response = makeResponse(makeRequest(invite), 404);
    expect(() => buildAck(response.parts.bytes, response)).toThrow(TypeError);
  });
});
