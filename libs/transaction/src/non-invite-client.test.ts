import { describe, expect, it } from 'vitest';
import { ClientFixture } from '../test/client-fixture.ts';

const notify = { method: 'NOTIFY' } as const;

describe('client transaction of a non-INVITE request', () => {
  it('repeats over UDP at 0.5, 1, 2, 4, 4 … s, and gives up after 64·T1', () => {
    const fixture = new ClientFixture();
    const transaction = fixture.start(notify);
    const counts: number[] = [];
    for (const seconds of [0.51, 1, 2, 4, 4, 4, 4, 4, 4, 4]) {
      fixture.clock.advance(seconds * 1_000);
      counts.push(fixture.sent.length);
    }
    expect(counts).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(transaction?.state).toBe('trying');
    fixture.clock.advance(1_000);
    expect(fixture.told).toEqual(['timeout']);
    expect(transaction?.state).toBe('terminated');
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });

  it('repeats every T2 once a 100 has come', () => {
    const fixture = new ClientFixture();
    fixture.start(notify);
    fixture.receive(notify, 100);
    fixture.clock.advance(510);
    expect(fixture.sent).toHaveLength(2);
    fixture.clock.advance(3_900);
    expect(fixture.sent).toHaveLength(2);
    fixture.clock.advance(200);
    expect(fixture.sent).toHaveLength(3);
    expect(fixture.told).toEqual([100]);
  });

  it('passes one final response, and takes up its copies for T4', () => {
    const fixture = new ClientFixture();
    const transaction = fixture.start(notify);
    fixture.receive(notify, 200);
    expect(fixture.receive(notify, 200)).toBe(true);
    expect(fixture.told).toEqual([200]);
    expect(transaction?.state).toBe('completed');
    fixture.clock.advance(5_050);
    expect(fixture.sent).toHaveLength(1);
    expect(fixture.receive(notify, 200)).toBe(false);
    expect(fixture.events.at(-1)).toBe('response-stray');
  });

  it('over TCP sends once and ends with the final response', () => {
    const fixture = new ClientFixture(true);
    fixture.start(notify);
    fixture.clock.advance(10_000);
    expect(fixture.sent).toHaveLength(1);
    fixture.receive(notify, 481);
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });

  it('tells of a transport error once', () => {
    const fixture = new ClientFixture();
    fixture.path.broken = true;
    const transaction = fixture.start(notify);
    expect(fixture.told).toEqual(['send-failed']);
    transaction?.abandon();
    fixture.clock.advance(60_000);
    expect(fixture.told).toEqual(['send-failed']);
  });

  it('matches by branch and CSeq method (RFC 3261 §17.1.3)', () => {
    const fixture = new ClientFixture();
    fixture.start(notify);
    expect(fixture.receive({ ...notify, branch: 'z9hG4bKother' }, 200)).toBe(false);
    expect(fixture.receive({ method: 'OPTIONS' }, 200)).toBe(false);
    expect(fixture.told).toEqual([]);
  });

  it.each(['192.0.2.9:5060', '192.0.2.1:5070', '192.0.2.1.example:5060'])(
    'discards a response whose Via names %s (RFC 3261 §18.1.2)',
    (sentBy) => {
      const fixture = new ClientFixture();
      fixture.start(notify);
      expect(fixture.receive({ ...notify, sentBy }, 200)).toBe(false);
      expect(fixture.told).toEqual([]);
    },
  );

  it.each([
    ['EDGE.example.com:5070', 'edge.example.com:5070'],
    ['192.0.2.1:5060', '192.0.2.1'],
    ['192.0.2.1', '192.0.2.1:5060'],
    ['[2001:db8::1]:5061', '[2001:DB8:0::1]'],
  ])('takes %s and %s for the same sent-by', (sent, received) => {
    const fixture = new ClientFixture();
    fixture.start({ ...notify, sentBy: sent });
    expect(fixture.receive({ ...notify, sentBy: received }, 200)).toBe(true);
  });

  it('starts no more than the limit, none on a used branch, and none once closed', () => {
    const fixture = new ClientFixture(false, 2);
    fixture.start(notify);
    expect(() => fixture.start(notify)).toThrow(RangeError);
    fixture.start({ ...notify, branch: 'z9hG4bK2' });
    expect(fixture.start({ ...notify, branch: 'z9hG4bK3' })).toBeUndefined();
    fixture.transactions.close();
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
    expect(fixture.start(notify)).toBeUndefined();
    expect(fixture.told).toEqual([]);
  });
});
