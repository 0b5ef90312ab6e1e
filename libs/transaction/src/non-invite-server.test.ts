import { describe, expect, it } from 'vitest';
import { RecordedPath, readResponse } from '../test/messages.ts';
import { ServerFixture } from '../test/server-fixture.ts';

describe('server transaction of a non-INVITE request', () => {
  it('T3: copies of a request under way are absorbed in silence', () => {
    const fixture = new ServerFixture();
    expect(fixture.receive()).toBe('new');
    fixture.clock.advance(500);
    expect(fixture.receive()).toBe('absorbed');
    fixture.clock.advance(1_000);
    expect(fixture.receive()).toBe('absorbed');
    expect(fixture.given).toHaveLength(1);
    expect(fixture.path.sent).toHaveLength(0);
    fixture.respond(200);
    expect(fixture.path.statuses).toEqual([200]);
    expect(fixture.count('retransmission-absorbed')).toBe(2);
  });

  it('T4, T5: for 64·T1 each copy gets the identical bytes and never reaches the user; then it is a new request', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    const answer = fixture.respond(200);
    fixture.clock.advance(1_000);
    expect(fixture.receive()).toBe('absorbed');
    fixture.clock.advance(30_000);
    expect(fixture.receive()).toBe('absorbed');
    expect(fixture.path.sent).toHaveLength(3);
    for (const bytes of fixture.path.sent) expect(bytes).toEqual(answer);
    fixture.clock.advance(2_000);
    expect(fixture.receive()).toBe('new');
    expect(fixture.given).toHaveLength(2);
  });

  it('T4: timer J ends the answer exactly at 64·T1, also before the wheel has turned', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    fixture.respond(200);
    fixture.clock.advance(31_999);
    expect(fixture.receive()).toBe('absorbed');
    fixture.clock.jump(1);
    expect(fixture.receive()).toBe('new');
  });

  it('T4: a copy that comes by another NAT binding is answered there', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    fixture.respond(200);
    const rebound = new RecordedPath();
    fixture.receive({}, rebound);
    expect(rebound.statuses).toEqual([200]);
    expect(fixture.path.sent).toHaveLength(1);
  });

  it('T4: on a stream nothing is kept (timer J is 0)', () => {
    const fixture = new ServerFixture({ reliable: true });
    fixture.receive();
    fixture.respond(200);
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
    expect(fixture.receive()).toBe('new');
  });

  it('U9: no provisional response leaves before 3.5 s, then one 100 (RFC 4320 §4.1)', () => {
    const fixture = new ServerFixture();
    fixture.receive({ extra: 'Timestamp: 54.2\r\n' });
    fixture.respond(180);
    fixture.clock.advance(3_480);
    expect(fixture.path.sent).toHaveLength(0);
    expect(fixture.count('response-suppressed')).toBe(1);
    fixture.clock.advance(40);
    expect(fixture.path.statuses).toEqual([100]);
    expect(fixture.last.state).toBe('proceeding');
    fixture.receive();
    expect(fixture.path.statuses).toEqual([100, 100]);
    fixture.respond(200);
    expect(fixture.path.statuses).toEqual([100, 100, 200]);
  });

  it('U9: 408 is never sent, and after 64·T1 nothing is (RFC 4320 §4.2)', () => {
    const fixture = new ServerFixture({ reliable: true });
    fixture.receive();
    fixture.respond(408);
    expect(fixture.path.sent).toHaveLength(0);
    expect(fixture.last.state).toBe('trying');
    fixture.clock.advance(32_020);
    expect(fixture.last.state).toBe('terminated');
    expect(fixture.count('unanswered')).toBe(1);
    expect(fixture.transactions.size).toBe(0);
    fixture.respond(200);
    expect(fixture.path.statuses).toEqual([100]);
  });

  it('suppresses a second final response', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    fixture.respond(200);
    fixture.respond(500);
    expect(fixture.path.statuses).toEqual([200]);
    expect(fixture.last.state).toBe('completed');
    expect(fixture.count('response-suppressed')).toBe(1);
  });

  it('U13: an answer given and forgotten leaves nothing, and the copy gets the same To tag', () => {
    const fixture = new ServerFixture({
      onRequest: (transaction) => {
        fixture.given.push(transaction);
        fixture.respondAndForget(transaction, 401);
      },
    });
    expect(fixture.receive()).toBe('new');
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
    expect(fixture.receive()).toBe('new');
    const [first, second] = fixture.path.sent;
    expect(readResponse(first).to.tag).toBe(readResponse(second).to.tag);
    fixture.respond(200);
    expect(fixture.path.sent).toHaveLength(2);
  });

  it('T13: a transport that fails is reported and harms nothing', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    fixture.path.broken = true;
    fixture.respond(200);
    expect(fixture.count('send-failed')).toBe(1);
    fixture.receive();
    expect(fixture.count('send-failed')).toBe(2);
    fixture.path.broken = false;
    fixture.receive();
    expect(fixture.path.statuses).toEqual([200]);
  });
});
