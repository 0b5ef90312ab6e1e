import { describe, expect, it } from 'vitest';
import { readResponse, responseBytes } from '../test/messages.ts';
import { ServerFixture } from '../test/server-fixture.ts';

const invite = { method: 'INVITE', requestUri: 'sip:bob@example.com' } as const;
const ack = { ...invite, method: 'ACK' } as const;

describe('server transaction of an INVITE', () => {
  it('T7: 100 leaves within 200 ms, with Timestamp and without a To tag', () => {
    const fixture = new ServerFixture();
    fixture.receive({ ...invite, extra: 'Timestamp: 54.2\r\n' });
    fixture.clock.advance(179);
    expect(fixture.path.sent).toHaveLength(0);
    fixture.clock.advance(21);
    expect(fixture.path.statuses).toEqual([100]);
    const trying = readResponse(fixture.path.sent[0]);
    expect(trying.to.tag).toBeUndefined();
    expect(trying.row('timestamp')).toBe('54.2');
    expect(trying.topVia.received).toBe('203.0.113.7');
    expect(trying.topVia.rport).toBe(40_000);
  });

  it('T7: no 100 where the final response is ready', () => {
    const fixture = new ServerFixture({ reliable: true });
    fixture.receive(invite);
    fixture.respond(302);
    fixture.clock.advance(1_000);
    expect(fixture.path.statuses).toEqual([302]);
  });

  it('T8: over UDP the final response is repeated at 0.5, 1, 2, 4, 4 … s until 64·T1', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    fixture.respond(302);
    const counts: number[] = [];
    for (const seconds of [0.51, 1, 2, 4, 4, 4, 4, 4, 4, 4]) {
      fixture.clock.advance(seconds * 1_000);
      counts.push(fixture.path.sent.length);
    }
    expect(counts).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    fixture.clock.advance(60_000);
    expect(fixture.path.sent).toHaveLength(11);
    expect(fixture.count('ack-missing')).toBe(1);
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
  });

  it('T8: over TCP it leaves once', () => {
    const fixture = new ServerFixture({ reliable: true });
    fixture.receive(invite);
    fixture.respond(404);
    fixture.clock.advance(31_000);
    expect(fixture.path.statuses).toEqual([404]);
    expect(fixture.transactions.size).toBe(1);
    fixture.clock.advance(1_100);
    expect(fixture.transactions.size).toBe(0);
  });

  it('T9: ACK stops the repetitions, further ACKs are absorbed for T4', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    fixture.respond(302);
    expect(fixture.receive(ack)).toBe('absorbed');
    expect(fixture.last.state).toBe('confirmed');
    expect(fixture.receive(ack)).toBe('absorbed');
    fixture.clock.advance(4_900);
    expect(fixture.receive(ack)).toBe('absorbed');
    fixture.clock.advance(120);
    expect(fixture.receive(ack)).toBe('stray-ack');
    expect(fixture.path.statuses).toEqual([302]);
    expect(fixture.given).toHaveLength(1);
    expect(fixture.transactions.size).toBe(0);
  });

  it('T9: over TCP the ACK ends the transaction at once (timer I is 0)', () => {
    const fixture = new ServerFixture({ reliable: true });
    fixture.receive(invite);
    fixture.respond(404);
    fixture.receive(ack);
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.last.state).toBe('terminated');
    expect(fixture.clock.pending).toBe(0);
  });

  it('T10: a repeated INVITE gets the last 1xx, then the final response, then nothing', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    expect(fixture.receive(invite)).toBe('absorbed');
    expect(fixture.path.sent).toHaveLength(0);
    const ringing = fixture.respond(180);
    fixture.receive(invite);
    expect(fixture.path.sent).toEqual([ringing, ringing]);
    const moved = fixture.respond(302);
    fixture.receive(invite);
    expect(fixture.path.sent.slice(2)).toEqual([moved, moved]);
    fixture.receive(ack);
    fixture.receive(invite);
    expect(fixture.path.sent).toHaveLength(4);
    expect(fixture.given).toHaveLength(1);
  });

  it('T11, U11: an ACK with a new branch matches nothing and is not answered', () => {
    const acks: (string | undefined)[] = [];
    const fixture = new ServerFixture({ onAck: (_ack, _path, tx) => acks.push(tx?.state) });
    fixture.receive(invite);
    fixture.respond(302);
    expect(fixture.receive({ ...ack, branch: 'z9hG4bKother' })).toBe('stray-ack');
    expect(acks).toEqual([undefined]);
    expect(fixture.last.state).toBe('completed');
    fixture.clock.advance(520);
    expect(fixture.path.statuses).toEqual([302, 302]);
  });

  it('an ACK that comes before any final response changes nothing', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    expect(fixture.receive(ack)).toBe('absorbed');
    expect(fixture.last.state).toBe('proceeding');
  });

  it('RFC 6026: after a 2xx copies of the INVITE are absorbed, ACKs and further 2xx pass, for timer L', () => {
    const acks: (string | undefined)[] = [];
    const fixture = new ServerFixture({ onAck: (_ack, _path, tx) => acks.push(tx?.state) });
    fixture.receive(invite);
    fixture.respond(200);
    expect(fixture.receive(invite)).toBe('absorbed');
    fixture.respond(200);
    fixture.respond(486);
    expect(fixture.path.statuses).toEqual([200, 200]);
    expect(fixture.receive(ack)).toBe('absorbed');
    expect(acks).toEqual(['accepted']);
    fixture.clock.advance(31_900);
    expect(fixture.last.state).toBe('accepted');
    fixture.clock.advance(200);
    expect(fixture.last.state).toBe('terminated');
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.events).not.toContain('ack-missing');
  });

  it('an INVITE that goes on ringing is not given up', () => {
    const fixture = new ServerFixture({ timers: { inviteMs: 10_000 } });
    fixture.receive(invite);
    for (let rings = 0; rings < 3; rings += 1) {
      fixture.clock.advance(9_000);
      fixture.respond(180);
    }
    expect(fixture.transactions.size).toBe(1);
    fixture.clock.advance(10_100);
    expect(fixture.count('unanswered')).toBe(1);
  });

  it('an INVITE that is never answered gives its memory back', () => {
    const fixture = new ServerFixture({ timers: { inviteMs: 10_000 } });
    fixture.receive(invite);
    fixture.clock.advance(10_100);
    expect(fixture.count('unanswered')).toBe(1);
    expect(fixture.transactions.size).toBe(0);
    fixture.respond(200);
    expect(fixture.path.statuses).toEqual([100]);
  });

  it('respondAndForget keeps an INVITE until its ACK', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    fixture.last.respondAndForget(401, responseBytes(fixture.last.request, 401));
    expect(fixture.last.state).toBe('completed');
    expect(fixture.receive(ack)).toBe('absorbed');
  });
});

describe('CANCEL', () => {
  const cancel = { ...invite, method: 'CANCEL' } as const;

  it('U10: gets 200 with the To tag of the INVITE, which gets 487', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    expect(fixture.receive(cancel)).toBe('new');
    expect(fixture.path.statuses).toEqual([200, 487]);
    const [ok, terminated] = fixture.path.sent.map(readResponse);
    expect(ok?.to.tag).toBe(terminated?.to.tag);
    expect(ok?.cseq.method).toBe('CANCEL');
    expect(fixture.receive(cancel)).toBe('absorbed');
    expect(fixture.path.statuses).toEqual([200, 487, 200]);
    expect(fixture.receive(ack)).toBe('absorbed');
  });

  it('U10: gets 481 where it matches nothing, and where the branch is another', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    fixture.receive({ ...cancel, branch: 'z9hG4bKother' });
    expect(fixture.path.statuses).toEqual([481]);
    expect(fixture.last.state).toBe('proceeding');
  });

  it('U10: has no effect on an INVITE that has its final response', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    fixture.respond(302);
    fixture.receive(cancel);
    expect(fixture.path.statuses).toEqual([302, 200]);
  });

  it.each(['REGISTER', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE'])(
    'U10: gets 200 where it matches a %s, under way or answered, and changes nothing',
    (method) => {
      const fixture = new ServerFixture();
      const [first, second] = [{ method }, { method, sequence: 2 }];
      fixture.receive(first);
      fixture.receive({ ...first, method: 'CANCEL' });
      fixture.respond(202);
      fixture.receive(second);
      fixture.respond(404);
      fixture.clock.advance(31_999);
      fixture.receive({ ...second, method: 'CANCEL' });
      expect(fixture.path.statuses).toEqual([200, 202, 404, 200]);
      fixture.receive({ ...second, method: 'CANCEL', branch: 'z9hG4bKother' });
      expect(fixture.path.statuses.at(-1)).toBe(481);
    },
  );

  it('U10: gets 481 where what it matched is over', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    fixture.respond(200);
    fixture.clock.advance(32_000);
    fixture.receive({ method: 'CANCEL' });
    expect(fixture.path.statuses).toEqual([200, 481]);
  });

  it('U10: gets 481 for a request that came by a stream and is answered: its transaction is over', () => {
    const fixture = new ServerFixture({ reliable: true });
    fixture.receive();
    fixture.respond(200);
    fixture.receive({ method: 'CANCEL' });
    expect(fixture.path.statuses).toEqual([200, 481]);
  });

  it('is left to the user who asks for it', () => {
    const seen: (string | undefined)[] = [];
    const fixture = new ServerFixture({ onCancel: (_cancel, tx) => seen.push(tx?.request.method) });
    fixture.receive(cancel);
    fixture.receive({ ...invite, callId: 'two' });
    fixture.receive({ ...cancel, callId: 'two' });
    expect(seen).toEqual([undefined, 'INVITE']);
    expect(fixture.path.sent).toHaveLength(0);
  });
});
