import { parseMessage, type SipRequest } from '@rollcall/sip';
import { toTagFor } from '@rollcall/transaction';
import { describe, expect, it } from 'vitest';
import { RecentChallenges } from './recent-challenges.ts';

function requestWith(branch: string): SipRequest {
  const text =
    `REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=${branch}\r\nMax-Forwards: 70\r\n` +
    'From: <sip:alice@example.com>;tag=a\r\nTo: <sip:alice@example.com>\r\nCall-ID: b\r\nCSeq: 1 REGISTER\r\n\r\n';
  return parseMessage(Buffer.from(text, 'latin1'), 'datagram') as SipRequest;
}

describe('RecentChallenges', () => {
  it('T4: a repetition within 32 s gets the same rows, a later one does not', () => {
    const recent = new RecentChallenges();
    recent.keep('0a1b2c3', 'rows', 1000);
    expect(recent.find('0a1b2c3', 32_999)).toBe('rows');
    expect(recent.find('0a1b2c3', 33_000)).toBeUndefined();
  });

  it('T4: remembers nearly all of ten thousand, and of too many the youngest', () => {
    const recent = new RecentChallenges();
    const tagOf = (index: number) => toTagFor(requestWith(`z9hG4bK${index}`));
    for (let index = 0; index < 10_000; index += 1) recent.keep(tagOf(index), `${index}`, index);
    const found = Array.from({ length: 10_000 }, (_, index) => recent.find(tagOf(index), 10_000));
    expect(found.filter((rows) => rows !== undefined).length).toBeGreaterThan(9900);
    for (let index = 10_000; index < 200_000; index += 1) recent.keep(tagOf(index), `${index}`, index);
    for (let index = 199_000; index < 200_000; index += 1)
      expect(recent.find(tagOf(index), 200_000)).toBe(`${index}`);
  });

  it('gives nobody the challenge of another, however many there were', () => {
    const recent = new RecentChallenges();
    const tags = Array.from({ length: 50_000 }, (_, index) => `tag${index.toString(32).padStart(6, '0')}`);
    for (const tag of tags) recent.keep(tag, `rows of ${tag}`, 0);
    const found = tags.filter((tag) => recent.find(tag, 1) !== undefined);
    expect(found.length).toBeGreaterThan(1000);
    for (const tag of found) expect(recent.find(tag, 1)).toBe(`rows of ${tag}`);
  });
});
