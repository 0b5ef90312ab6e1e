import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from './edge-rig.ts';
import { openFlowPhone } from './flow-phone.ts';
import { answer, expectSilence, nextRequest, nextResponse, tokenOf } from './phone-messages.ts';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start();
});
afterEach(() => rig.stop());

const openPhone = (transport: 'udp' | 'tcp' = 'tcp') => openFlowPhone(rig, transport);

describe.each(['udp', 'tcp'] as const)('a call along a %s flow', (transport) => {
  it('RFC 5630: of a sips URI does not go on without TLS, unless that ends in front of the edge', async () => {
    const call = { method: 'MESSAGE', uri: 'SIPS:alice@192.0.2.1' };
    const phone = await openPhone(transport);
    const refused = await rig.agent('udp').request({ ...call, headers: [`Route: ${phone.path}`] });
    expect(refused.status).toBe(480);
    expect(refused.row('warning')).toMatch(/^380 127\.0\.0\.1:\d+ "SIPS Not Allowed"$/);

    const behind = new Rig();
    await behind.start({ sipsWithoutTls: 'accept' });
    try {
      const other = await openFlowPhone(behind, transport);
      const answered = behind.agent('udp').request({ ...call, headers: [`Route: ${other.path}`] });
      await answer(other.agent, await nextRequest(other.agent), 200);
      expect((await answered).status).toBe(200);
    } finally {
      await behind.stop();
    }
  });

  it('P1, P4, P5, P6, P7, PA4: what goes on, and what comes back', async () => {
    const phone = await openPhone(transport);
    const caller = rig.agent('udp');
    const invite = {
      method: 'INVITE',
      uri: phone.uri,
      branch: 'z9hG4bKcaller',
      headers: [
        `Route: ${phone.path}, <sip:next.example.org;lr>`,
        'X-Odd:  as it,  is ',
        'Record-Route: <sip:before.example.org;lr>',
      ],
      body: 'v=0\r\n',
    };
    const answered = caller.request(invite);
    const arrived = await nextRequest(phone.agent);
    expect(arrived.requestUri).toBe(phone.uri);
    expect(arrived.route).toEqual(['<sip:next.example.org;lr>']);
    expect(arrived.maxForwards).toBe(69);
    expect(arrived.row('max-breadth')).toBe('60');
    expect(arrived.parts.text).toContain('X-Odd:  as it,  is \r\n'.replace('\r\n', ''));
    expect(arrived.body.toString()).toBe('v=0\r\n');
    const [own, callers, ...more] = arrived.vias;
    expect(more).toEqual([]);
    expect(own?.transport).toBe(transport.toUpperCase());
    expect(own?.branch).toMatch(/^z9hG4bK[0-9a-f]{24}\.[0-9a-f]{12}$/);
    expect(callers).toMatchObject({
      branch: 'z9hG4bKcaller',
      received: '127.0.0.1',
      rport: (await caller.open()).port,
    });
    expect(arrived.recordRoute).toEqual([
      expect.stringMatching(transport === 'tcp' ? /;transport=tcp;lr>$/ : /:\d+;lr>$/),
      expect.stringMatching(/:\d+;lr>$/),
      '<sip:before.example.org;lr>',
    ]);

    await answer(phone.agent, arrived, 180, 'Contact: <sip:x@y>\r\nX-Odd: z\r\n');
    await answer(phone.agent, arrived, 200, 'Server: odd\r\n');
    const final = await answered;
    expect(final.status).toBe(200);
    expect(final.vias.map(({ branch }) => branch)).toEqual(['z9hG4bKcaller']);
    expect(final.to.tag).toBe('phone');
    expect(final.row('server')).toBe('odd');
    const ringing = await nextResponse(caller);
    expect([ringing.status, ringing.row('x-odd')]).toEqual([180, 'z']);
  });

  it('P6: requests within the dialog come back both ways, and the ACK goes through', async () => {
    const phone = await openPhone(transport);
    const caller = rig.agent('udp');
    const callId = 'dialog@test';
    const answered = caller.request({
      method: 'INVITE',
      uri: phone.uri,
      callId,
      headers: [`Route: ${phone.path}`],
    });
    const invite = await nextRequest(phone.agent);
    const recordRoute = [...invite.recordRoute];
    await answer(phone.agent, invite, 200, recordRoute.map((value) => `Record-Route: ${value}\r\n`).join(''));
    const ok = await answered;
    const routeOfCaller = `Route: ${[...ok.recordRoute].reverse().join(', ')}`;
    const tagged = (text: string) => text.replace(/\r\nTo: [^\r]*/, `\r\nTo: ${ok.row('to')}`);
    const ack = {
      method: 'ACK',
      uri: phone.uri,
      callId,
      cseq: invite.cseq.sequence,
      headers: [routeOfCaller],
    };
    await caller.sendText(tagged(await caller.format(ack)));
    const acknowledged = await nextRequest(phone.agent);
    expect([acknowledged.method, acknowledged.route, acknowledged.recordRoute]).toEqual(['ACK', [], []]);

    // From the caller, even by another socket of its own; then from the phone.
    const again = rig.agent('tcp');
    await again.sendText(tagged(await again.format({ ...ack, method: 'INFO', cseq: 77 })));
    const info = await nextRequest(phone.agent);
    expect([info.method, info.recordRoute]).toEqual(['INFO', []]);
    await answer(phone.agent, info, 200);
    expect((await nextResponse(again)).status).toBe(200);

    const contact = await caller.contactFor('caller');
    const bye = {
      method: 'BYE',
      uri: contact.slice(1, -1),
      callId,
      headers: [`Route: ${recordRoute.join(', ')}`],
    };
    const byeText = await phone.agent.format(bye);
    await phone.agent.sendText(byeText.replace(/\r\nTo: [^\r]*/, `\r\nTo: ${invite.row('from')}`));
    const ended = await nextRequest(caller);
    expect([ended.method, ended.requestUri, ended.route]).toEqual(['BYE', contact.slice(1, -1), []]);
    await answer(caller, ended, 200);
    expect((await nextResponse(phone.agent)).status).toBe(200);
  });

  it('CANCEL is answered here and goes on; the 487 comes back', async () => {
    const phone = await openPhone(transport);
    const caller = rig.agent('udp');
    const invite = {
      method: 'INVITE',
      uri: phone.uri,
      branch: 'z9hG4bKc',
      cseq: 5,
      headers: [`Route: ${phone.path}`],
    };
    const answered = caller.request(invite);
    const arrived = await nextRequest(phone.agent);
    await answer(phone.agent, arrived, 180);
    const cancelled = await caller.request({ ...invite, method: 'CANCEL' });
    expect(cancelled.status).toBe(200);
    const cancel = await nextRequest(phone.agent);
    expect([cancel.method, cancel.requestUri, cancel.cseq]).toEqual([
      'CANCEL',
      phone.uri,
      { sequence: arrived.cseq.sequence, method: 'CANCEL' },
    ]);
    expect(cancel.vias.map(({ branch }) => branch)).toEqual([arrived.topVia.branch]);
    await answer(phone.agent, cancel, 200);
    await answer(phone.agent, arrived, 487);
    expect((await answered).status).toBe(487);
    expect((await nextRequest(phone.agent)).method).toBe('ACK');
  });
});

describe('what is not forwarded', () => {
  const statusOf = async (
    phone: { uri: string; path: string },
    headers: readonly string[] = [],
    edit = (text: string) => text,
  ) => {
    const caller = rig.agent('udp');
    await caller.sendText(
      edit(
        await caller.format({
          method: 'MESSAGE',
          uri: phone.uri,
          headers: [`Route: ${phone.path}`, ...headers],
        }),
      ),
    );
    return (await nextResponse(caller)).status;
  };

  it('P1: Max-Forwards 0 is 483', async () => {
    const phone = await openPhone();
    expect(await statusOf(phone, [], (text) => text.replace('Max-Forwards: 70', 'Max-Forwards: 0'))).toBe(
      483,
    );
    await expectSilence(phone.agent);
  });

  it('P9: Max-Breadth 0 is 440; what there is of it goes on', async () => {
    const phone = await openPhone();
    expect(await statusOf(phone, ['Max-Breadth: 0'])).toBe(440);
    const caller = rig.agent('udp');
    const answered = caller.request({
      method: 'MESSAGE',
      uri: phone.uri,
      headers: [`Route: ${phone.path}`, 'Max-Breadth: 3'],
    });
    const arrived = await nextRequest(phone.agent);
    expect(arrived.rows('max-breadth')).toEqual(['3']);
    await answer(phone.agent, arrived, 200);
    await answered;
  });

  it('P3: Proxy-Require is 420', async () => {
    expect(await statusOf(await openPhone(), ['Proxy-Require: zz'])).toBe(420);
  });

  it('OB7: a token that was changed is 403 wherever that was, one of a dead flow 430', async () => {
    const phone = await openPhone();
    const token = tokenOf(phone.path);
    for (const at of [0, 5, Math.floor(token.length / 2), token.length - 1]) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await statusOf({ ...phone, path: phone.path.replace(token, changed) }), `at ${at}`).toBe(403);
    }
    await expectSilence(phone.agent);
    await phone.agent.close();
    await expect.poll(() => statusOf(phone)).toBe(430);
  });

  it('a token that a Record-Route gave out is good for its call only', async () => {
    const phone = await openPhone();
    const caller = rig.agent('udp');
    const answered = caller.request({
      method: 'INVITE',
      uri: phone.uri,
      callId: 'one@test',
      headers: [`Route: ${phone.path}`],
    });
    const arrived = await nextRequest(phone.agent);
    await answer(phone.agent, arrived, 200);
    await answered;
    const [, towardsCaller = ''] = arrived.recordRoute;
    const by = (callId: string) =>
      phone.agent.format({
        method: 'MESSAGE',
        uri: 'sip:anybody@192.0.2.1',
        callId,
        headers: [`Route: ${towardsCaller}`],
      });
    await phone.agent.sendText(await by('other@test'));
    expect((await nextResponse(phone.agent)).status).toBe(403);
    await phone.agent.sendText(await by('one@test'));
    expect((await nextRequest(caller)).method).toBe('MESSAGE');
  });

  it('P8: a loop is 482, a spiral passes', async () => {
    const phone = await openPhone();
    const caller = rig.agent('udp');
    void caller
      .request({ method: 'MESSAGE', uri: phone.uri, headers: [`Route: ${phone.path}`] })
      .catch(() => undefined);
    const arrived = await nextRequest(phone.agent);
    // As a forwarder would send it back: with its own Via on top.
    const back = (requestUri: string) =>
      arrived.parts.bytes
        .toString('latin1')
        .replace(/^MESSAGE \S+/, `MESSAGE ${requestUri}`)
        .replace(
          '\r\n',
          `\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bK${Math.random()}\r\nRoute: ${phone.path}\r\n`,
        );
    const other = await openPhone();
    await other.agent.sendText(back(phone.uri));
    expect((await nextResponse(other.agent)).status).toBe(482);
    await other.agent.sendText(back(`${phone.uri};again=1`));
    expect((await nextRequest(phone.agent)).requestUri).toBe(`${phone.uri};again=1`);
  });

  it('P12: nothing goes anywhere without a token', async () => {
    const phone = await openPhone();
    const elsewhere = rig.agent('udp');
    const { port } = await elsewhere.open();
    const foreign = `<sip:127.0.0.1:${port};lr>`;
    expect(await statusOf({ uri: `sip:x@127.0.0.1:${port}`, path: foreign })).toBe(404);
    expect(await statusOf({ uri: phone.uri, path: foreign })).toBe(404);
    await expectSilence(elsewhere);
  });

  it('P10: a response that belongs to nothing is dropped, also one with our Via', async () => {
    const phone = await openPhone();
    const caller = rig.agent('udp');
    const answered = caller.request({ method: 'MESSAGE', uri: phone.uri, headers: [`Route: ${phone.path}`] });
    const arrived = await nextRequest(phone.agent);
    await answer(phone.agent, arrived, 200);
    expect((await answered).status).toBe(200);
    await answer(phone.agent, arrived, 200);
    await expectSilence(caller);
  });
});

it('P6: a strict router before us is understood', async () => {
  const phone = await openPhone();
  const caller = rig.agent('udp');
  const uri = phone.path.slice(1, -1);
  const answered = caller.request({
    method: 'MESSAGE',
    uri,
    to: phone.uri,
    headers: [`Route: <sip:mid.example.org;lr>, <${phone.uri}>`],
  });
  const arrived = await nextRequest(phone.agent);
  expect([arrived.requestUri, arrived.route]).toEqual([phone.uri, ['<sip:mid.example.org;lr>']]);
  await answer(phone.agent, arrived, 200);
  expect((await answered).status).toBe(200);
});

it("a phone's 503 is not this edge's: the caller gets 500", async () => {
  const phone = await openPhone();
  const caller = rig.agent('udp');
  const headers = [`Route: ${phone.path}`];
  const answered = caller.request({ method: 'MESSAGE', uri: phone.uri, headers });
  await answer(phone.agent, await nextRequest(phone.agent), 503, 'Retry-After: 100\r\n');
  const final = await answered;
  expect([final.status, final.row('retry-after')]).toEqual([500, undefined]);
});

it('a request that shows its own flow is answered here (RFC 5626 section 5.3)', async () => {
  const phone = await openPhone();
  const outgoing = await phone.agent.request({
    method: 'INVITE',
    uri: 'sip:bob@example.com',
    headers: [`Route: ${phone.path}`],
  });
  expect(outgoing.status).toBe(404);
});

it('T7: the caller has its 100, whatever the phone does; the phone gone is 430', async () => {
  const phone = await openPhone();
  const caller = rig.agent('udp');
  const answered = caller.request({ method: 'INVITE', uri: phone.uri, headers: [`Route: ${phone.path}`] });
  const trying = await caller.nextMessage();
  expect(trying.kind === 'response' && trying.status).toBe(100);
  await phone.agent.close();
  expect((await answered).status).toBe(430);
});
