import { parseMessage, SipRequest } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { makeRequest, readResponse, requestBytes } from '../test/messages.ts';
import { ServerFixture } from '../test/server-fixture.ts';
import { replyStatelessly } from './stateless-reply.ts';
import { toTagFor } from './to-tag.ts';

describe('matching', () => {
  it.each([
    ['branch', { branch: 'z9hG4bKother' }],
    ['sent-by port', { sentBy: '192.0.2.1:5070' }],
    ['sent-by host', { sentBy: '192.0.2.2:5060' }],
    ['method', { method: 'OPTIONS' }],
    ['CSeq number, where a phone draws one branch for ever', { sequence: 2 }],
    ['Call-ID, where two phones draw the same branch', { callId: 'another' }],
  ])('T1: another %s is another transaction', (_what, shape) => {
    const fixture = new ServerFixture();
    fixture.receive();
    expect(fixture.receive(shape)).toBe('new');
  });

  it('T1: the cookie is recognised in any case', () => {
    const fixture = new ServerFixture();
    fixture.receive({ branch: 'Z9HG4BKabc' });
    expect(fixture.receive({ branch: 'Z9HG4BKabc', requestUri: 'sip:other.example.com' })).toBe('absorbed');
  });

  it.each(['1', '', 'z9hG4bK'])('T2: with the branch "%s" RFC 2543 matching holds', (branch) => {
    const fixture = new ServerFixture();
    expect(fixture.receive({ branch })).toBe('new');
    expect(fixture.receive({ branch })).toBe('absorbed');
    for (const other of [
      { requestUri: 'sip:other.example.com' },
      { fromTag: 'from-2' },
      { toTag: 'to-2' },
      { callId: 'call-2' },
      { sequence: 2 },
      { sentBy: '192.0.2.1:5070' },
    ]) {
      expect(fixture.receive({ branch, ...other })).toBe('new');
    }
  });

  it('T2: the ACK of such an INVITE has the To tag of the response and matches', () => {
    const fixture = new ServerFixture();
    const invite = { method: 'INVITE', branch: '', fromTag: '' };
    fixture.receive(invite);
    fixture.respond(404);
    expect(fixture.receive({ ...invite, method: 'ACK', toTag: toTagFor(fixture.last.request) })).toBe(
      'absorbed',
    );
    expect(fixture.last.state).toBe('confirmed');
  });
});

describe('bounds', () => {
  it('refuses new requests when too many are under way, and takes them again afterwards', () => {
    const fixture = new ServerFixture({ limits: { transactions: 2 } });
    fixture.receive({ branch: 'z9hG4bK1' });
    fixture.receive({ branch: 'z9hG4bK2' });
    expect(fixture.receive({ branch: 'z9hG4bK3' })).toBe('refused');
    expect(fixture.receive({ branch: 'z9hG4bK2' })).toBe('absorbed');
    expect(fixture.count('refused')).toBe(1);
    fixture.respond(200);
    expect(fixture.receive({ branch: 'z9hG4bK3' })).toBe('new');
  });

  it('forgets the oldest answer rather than refusing a request', () => {
    const fixture = new ServerFixture({ limits: { answers: 2 } });
    for (const branch of ['z9hG4bK1', 'z9hG4bK2', 'z9hG4bK3']) {
      fixture.receive({ branch });
      fixture.respond(200);
    }
    expect(fixture.transactions.size).toBe(2);
    expect(fixture.count('answer-forgotten')).toBe(1);
    expect(fixture.receive({ branch: 'z9hG4bK3' })).toBe('absorbed');
    expect(fixture.receive({ branch: 'z9hG4bK2' })).toBe('absorbed');
    expect(fixture.receive({ branch: 'z9hG4bK1' })).toBe('new');
  });

  it('bounds the bytes of kept answers, but always keeps the newest', () => {
    const fixture = new ServerFixture({ limits: { answerBytes: 1 } });
    for (const branch of ['z9hG4bK1', 'z9hG4bK2']) {
      fixture.receive({ branch });
      fixture.respond(200);
    }
    expect(fixture.transactions.size).toBe(1);
    expect(fixture.receive({ branch: 'z9hG4bK2' })).toBe('absorbed');
  });

  it('answers given at different times expire each at its own', () => {
    const fixture = new ServerFixture();
    fixture.receive({ branch: 'z9hG4bK1' });
    fixture.respond(200);
    fixture.clock.advance(10_000);
    fixture.receive({ branch: 'z9hG4bK2' });
    fixture.respond(200);
    fixture.clock.advance(22_020);
    expect(fixture.transactions.size).toBe(1);
    expect(fixture.receive({ branch: 'z9hG4bK2' })).toBe('absorbed');
    fixture.clock.advance(10_020);
    expect(fixture.transactions.size).toBe(0);
  });

  it('a wall clock that is set back by an hour keeps no answer for an hour', () => {
    const fixture = new ServerFixture();
    fixture.receive();
    fixture.respond(200);
    fixture.clock.jump(-3_600_000);
    fixture.clock.advance(33_000);
    expect(fixture.transactions.size).toBe(0);
  });

  it('close ends all without a word', () => {
    const fixture = new ServerFixture();
    fixture.receive({ branch: 'z9hG4bK0' });
    fixture.respond(200);
    fixture.receive({ method: 'INVITE' });
    const invite = fixture.last;
    fixture.receive();
    fixture.transactions.close();
    expect(fixture.transactions.size).toBe(0);
    expect(fixture.clock.pending).toBe(0);
    fixture.respond(200);
    fixture.respond(200, invite);
    expect(fixture.path.statuses).toEqual([200]);
    expect(fixture.receive()).toBe('refused');
    expect(fixture.receive({ method: 'ACK' })).toBe('refused');
  });
});

describe('merged requests', () => {
  const invite = { method: 'INVITE' };

  it('U5: the same request by another way is told while the first is under way', () => {
    const fixture = new ServerFixture({ detectMerged: true });
    fixture.receive(invite);
    expect(fixture.receive({ ...invite, branch: 'z9hG4bKother' })).toBe('merged');
    expect(fixture.receive({ ...invite, branch: 'z9hG4bKother', fromTag: 'x' })).toBe('new');
    expect(fixture.receive({ ...invite, branch: 'z9hG4bKthird', toTag: 'in-dialog' })).toBe('new');
    expect(fixture.count('merged')).toBe(1);
  });

  it('U5: afterwards it is a new one', () => {
    const fixture = new ServerFixture({ detectMerged: true });
    fixture.receive();
    fixture.respond(200);
    expect(fixture.receive({ branch: 'z9hG4bKother' })).toBe('new');
  });

  it('U5: a proxy lets it pass', () => {
    const fixture = new ServerFixture();
    fixture.receive(invite);
    expect(fixture.receive({ ...invite, branch: 'z9hG4bKother' })).toBe('new');
  });
});

describe('stateless replies', () => {
  it('carry received, rport and the To tag', () => {
    const fixture = new ServerFixture();
    const request = makeRequest();
    replyStatelessly(request, fixture.path, 503, 'Service Unavailable', 'Retry-After: 7\r\n');
    const response = readResponse(fixture.path.sent[0]);
    expect(response.status).toBe(503);
    expect(response.row('retry-after')).toBe('7');
    expect(response.topVia.received).toBe('203.0.113.7');
    expect(response.to.tag).toBe(toTagFor(request));
  });

  it('work without knowing the source', () => {
    const sent: Buffer[] = [];
    replyStatelessly(
      makeRequest(),
      { reliable: true, send: (bytes) => sent.push(bytes) },
      400,
      'Bad Request',
    );
    expect(readResponse(sent[0]).topVia.received).toBeUndefined();
  });

  it('U11: an ACK gets none', () => {
    const fixture = new ServerFixture();
    replyStatelessly(makeRequest({ method: 'ACK' }), fixture.path, 400, 'Bad Request');
    expect(fixture.path.sent).toHaveLength(0);
  });
});

describe('To tag', () => {
  it('T6, U13: is the same for the same request in any process', () => {
    expect(toTagFor(makeRequest())).toBe(toTagFor(makeRequest()));
    // Pinned: two versions of the program may run side by side.
    expect(toTagFor(makeRequest())).toMatchInlineSnapshot(`"3dmo8ol100a6i5"`);
  });

  it.each(['Call-ID', 'From', 'CSeq'])(
    'M10: is there for a request without %s, which is answered 400',
    (name) => {
      const whole = requestBytes().toString('latin1');
      const lacking = parseMessage(
        Buffer.from(whole.replace(new RegExp(`\r\n${name}: [^\r]*`), ''), 'latin1'),
        'datagram',
      );
      if (!(lacking instanceof SipRequest)) throw new TypeError('not a request');
      expect(toTagFor(lacking)).toMatch(/^[0-9a-z]{14}$/);
    },
  );

  it('M11: is there for a request whose CSeq is malformed', () => {
    expect(toTagFor(makeRequest({ cseqMethod: 'REGISTER INVITE' }))).toMatch(/^[0-9a-z]{14}$/);
  });

  it('differs with each part of the request that it is made of', () => {
    const shapes = [
      {},
      { branch: 'z9hG4bKalice2' },
      { callId: 'call-2@192.0.2.1' },
      { fromTag: 'from-2' },
      { sequence: 2 },
    ];
    expect(new Set(shapes.map((shape) => toTagFor(makeRequest(shape)))).size).toBe(shapes.length);
    expect(toTagFor(makeRequest({ branch: '', sentBy: 'a' }))).not.toBe(
      toTagFor(makeRequest({ branch: '', sentBy: 'b' })),
    );
  });

  it('does not collide among 20,000 similar requests', () => {
    const tags = new Set<string>();
    for (let index = 0; index < 20_000; index += 1) {
      tags.add(toTagFor(makeRequest({ branch: `z9hG4bK${index >> 3}`, sequence: index & 7 })));
    }
    expect(tags.size).toBe(20_000);
  });
});
