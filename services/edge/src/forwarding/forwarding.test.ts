import { buildResponse, parseMessage, type SipRequest, type SipResponse } from '@rollcall/sip';
import { ManualClock } from '@rollcall/testkit';
import type { ClientTransaction } from '@rollcall/transaction';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange.ts';
import { Forwarding } from './forwarding.ts';

/** RFC 3261 §16.6 step 11: more than three minutes. */
const timerCMs = 185_000;
/** 64·T1. */
const givenUpMs = 32_000;

let clock: ManualClock;
/** What its sender was told, what went on to the phone, and what became of the transaction, in order. */
let seen: string[];

beforeEach(() => {
  clock = new ManualClock();
  seen = [];
});

function requestOf(method: string): SipRequest {
  const text =
    `${method} sip:alice@192.0.2.7 SIP/2.0\r\nVia: SIP/2.0/UDP edge;branch=z9hG4bKours\r\n` +
    'Via: SIP/2.0/UDP caller;branch=z9hG4bKtheirs\r\nFrom: <sip:bob@example.org>;tag=1\r\nTo: <sip:alice@example.com>\r\n' +
    `Call-ID: c\r\nCSeq: 1 ${method}\r\nContent-Length: 0\r\n\r\n`;
  return parseMessage(Buffer.from(text), 'datagram') as SipRequest;
}

function response(status: number, method = 'INVITE'): SipResponse {
  const bytes = buildResponse(requestOf(method), status, 'X', { toTag: 'phone' });
  return parseMessage(bytes, 'datagram') as SipResponse;
}

function forward(method = 'INVITE'): Forwarding {
  const exchange = {
    request: requestOf(method),
    transaction: {},
    reply: (status: number) => seen.push(`reply ${status}`),
    pass: (status: number) => seen.push(`pass ${status}`),
  } as unknown as Exchange;
  const forwarding = new Forwarding({
    exchange,
    clock,
    sendCancel: () => seen.push('CANCEL'),
    onForwarded: () => undefined,
  });
  forwarding.begin({ abandon: () => seen.push('abandon') } as unknown as ClientTransaction);
  return forwarding;
}

describe('Timer C (RFC 3261 §16.6 step 11, §16.8)', () => {
  it('gives an INVITE up that nothing came back for: 408', () => {
    forward();
    clock.advance(timerCMs - 1);
    expect(seen).toEqual([]);
    clock.advance(1);
    expect(seen).toEqual(['abandon', 'reply 408']);
    expect(clock.pending).toBe(0);
  });

  it('cancels one that rings for ever, and waits for its 487', () => {
    const forwarding = forward();
    forwarding.onResponse(response(180));
    clock.advance(timerCMs);
    expect(seen).toEqual(['pass 180', 'CANCEL']);
    forwarding.onResponse(response(487));
    expect(seen.slice(2)).toEqual(['pass 487']);
    expect(clock.pending).toBe(0);
  });

  it('begins again with each provisional response but 100', () => {
    const forwarding = forward();
    clock.advance(timerCMs - 1000);
    forwarding.onResponse(response(180));
    clock.advance(timerCMs - 1000);
    forwarding.onResponse(response(183));
    clock.advance(timerCMs - 1000);
    forwarding.onResponse(response(100));
    expect(seen).toEqual(['pass 180', 'pass 183']);
    clock.advance(1000);
    expect(seen.at(-1)).toBe('CANCEL');
  });

  it('is over with the final response, and is not for other requests', () => {
    const forwarding = forward();
    forwarding.onResponse(response(200));
    expect(clock.pending).toBe(0);
    forward('MESSAGE');
    expect(clock.pending).toBe(0);
  });
});

describe('a forwarded INVITE that is cancelled (RFC 3261 §9.1, §16.10)', () => {
  it('is given up 32 s later where no final response comes: 487', () => {
    const forwarding = forward();
    forwarding.onResponse(response(180));
    forwarding.cancel();
    forwarding.cancel();
    expect(seen).toEqual(['pass 180', 'CANCEL']);
    clock.advance(givenUpMs - 1);
    // What still rings buys no time.
    forwarding.onResponse(response(180));
    expect(seen.slice(2)).toEqual(['pass 180']);
    clock.advance(1);
    expect(seen.slice(3)).toEqual(['abandon', 'reply 487']);
    expect(clock.pending).toBe(0);
  });

  it('has no CANCEL before something came, and one then', () => {
    const forwarding = forward();
    forwarding.cancel();
    expect(seen).toEqual([]);
    forwarding.onResponse(response(100));
    forwarding.onResponse(response(180));
    expect(seen).toEqual(['CANCEL', 'pass 180']);
  });

  it('is given up as well where nothing ever came', () => {
    const forwarding = forward();
    forwarding.cancel();
    clock.advance(givenUpMs);
    expect(seen).toEqual(['abandon', 'reply 487']);
    forwarding.onFailure('timeout');
    expect(seen).toHaveLength(2);
  });

  it('keeps the answer that was on its way', () => {
    const forwarding = forward();
    forwarding.onResponse(response(180));
    forwarding.cancel();
    forwarding.onResponse(response(200));
    clock.advance(givenUpMs);
    expect(seen).toEqual(['pass 180', 'CANCEL', 'pass 200']);
    forwarding.cancel();
    expect(seen).toHaveLength(3);
  });
});
