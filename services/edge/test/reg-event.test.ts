import { createServer } from 'node:net';
import { ContactEvent, GrpcCode, ServiceFault, type WatchedContact } from '@rollcall/rpc';
import { buildResponse, type SipRequest, type SipResponse } from '@rollcall/sip';
import type { SipAgent } from '@rollcall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Rig } from './edge-rig.ts';

let rig: Rig;
beforeEach(async () => {
  rig = new Rig();
  await rig.start({ subscriptionsPerAor: 3 });
});
afterEach(() => rig.stop());

const alice = 'sip:alice@example.com';

function contact(id: string, change: Partial<WatchedContact> = {}): WatchedContact {
  return {
    id,
    event: ContactEvent.REGISTERED,
    uri: `sip:alice@192.0.2.1;x=${id}`,
    params: '',
    expiresSec: 60,
    qMilli: undefined,
    instanceId: '',
    regId: 0,
    callId: `c-${id}`,
    cseq: 1,
    publicGruu: '',
    temporaryGruu: '',
    firstCseq: 0,
    retryAfterSec: 0,
    ...change,
  };
}

async function format(
  agent: SipAgent,
  headers: string[],
  change: Partial<Parameters<SipAgent['format']>[0]> = {},
) {
  const rows = headers.some((row) => row.startsWith('Contact'))
    ? headers
    : [`Contact: ${await agent.contactFor('w')}`, ...headers];
  return { method: 'SUBSCRIBE', uri: alice, from: 'sip:w@example.com', headers: rows, ...change };
}

async function subscribe(agent: SipAgent, headers = ['Event: reg'], contacts: WatchedContact[] = []) {
  const before = rig.watches.length;
  const answered = agent.request(await format(agent, headers));
  await expect.poll(() => rig.watches.length).toBe(before + 1);
  rig.watches[before]?.onResponse({ full: true, contacts });
  return answered;
}

async function nextNotify(agent: SipAgent, status = 200, headers = ''): Promise<SipRequest> {
  for (;;) {
    const message = await agent.nextMessage();
    if (message.kind !== 'request') continue;
    const answer = buildResponse(message, status, 'X', { toTag: '', headers });
    await agent.sendText(answer.toString('latin1'));
    return message;
  }
}

function inDialog(response: SipResponse, change: { cseq?: number; headers?: string[] } = {}) {
  const tag = response.to.tag ?? '';
  return {
    method: 'SUBSCRIBE',
    uri: /<([^>]*)>/.exec(response.row('contact') ?? '')?.[1] ?? '',
    from: 'sip:w@example.com',
    fromTag: response.from.tag ?? '',
    to: alice,
    toTag: tag,
    callId: response.callId,
    ...change,
  };
}

describe('a first SUBSCRIBE', () => {
  it.each([
    ['RE2: without Event is 400', [], 400],
    ['RE2: for a package that nobody knows is 489', ['Event: foo'], 489],
    ['for documents that are not ours is 406', ['Event: reg', 'Accept: application/pidf+xml'], 406],
    ['with an unknown Require is 420', ['Event: reg', 'Require: eventlist'], 420],
    ['without a Contact is 400', ['Event: reg', 'Contact: *'], 400],
  ])('%s', async (_what, headers, status) => {
    const agent = rig.agent();
    const response = await agent.request(await format(agent, headers));
    expect(response.status).toBe(status);
    if (status === 489) expect(response.row('allow-events')).toBe('reg');
    expect(rig.watches).toEqual([]);
  });

  it('takes a media type with white space around its slash, as its grammar has it', async () => {
    const agent = rig.agent();
    const headers = ['Event: reg', 'Accept: text/plain, Application / reginfo+XML ;q=0.5'];
    expect((await subscribe(agent, headers)).status).toBe(200);
  });

  it('for a package of the user is redirected', async () => {
    const agent = rig.agent();
    expect((await agent.request(await format(agent, ['Event: presence']))).status).toBe(404);
  });

  it.each(['udp', 'tcp'] as const)('RE1: gets 200 and at once a full document over %s', async (transport) => {
    const agent = rig.agent(transport);
    const response = await subscribe(agent, ['Event: reg;id=7'], [contact('a')]);
    expect([response.status, response.expiresSec]).toEqual([200, 3761]);
    expect(response.row('contact')).toMatch(
      transport === 'tcp' ? /;transport=tcp>$/ : /^<sip:127\.0\.0\.1:\d+>$/,
    );
    const notify = await nextNotify(agent);
    expect(notify.requestUri).toBe((await agent.contactFor('w')).slice(1, -1));
    expect([notify.from.tag, notify.to.tag]).toEqual([response.to.tag, response.from.tag]);
    expect(notify.row('event')).toBe('reg;id=7');
    expect(notify.row('subscription-state')).toMatch(/^active;expires=37\d\d$/);
    expect(notify.contentType?.value).toBe('application/reginfo+xml');
    expect(notify.body.toString()).toMatch(
      /version="0" state="full".*aor="sip:alice@example.com".*state="active"/s,
    );
  });

  it('RE1: of nobody registered tells init', async () => {
    const agent = rig.agent();
    await subscribe(agent);
    expect((await nextNotify(agent)).body.toString()).toMatch(/<registration [^>]*state="init"\/>/);
  });

  it('RE5: with Expires 0 is one look', async () => {
    const agent = rig.agent();
    await subscribe(agent, ['Event: reg', 'Expires: 0'], [contact('a')]);
    const notify = await nextNotify(agent);
    expect(notify.row('subscription-state')).toBe('terminated;reason=timeout');
    expect(notify.body.toString()).toContain('state="full"');
  });

  it('is 503 where no registrar tells anything in time', async () => {
    const agent = rig.agent();
    const response = await agent.request(await format(agent, ['Event: reg']));
    expect(response.status).toBe(503);
    expect(response.row('retry-after')).toBeDefined();
  });

  it('is 503 beyond the limit of an AOR', async () => {
    const agent = rig.agent();
    for (let count = 0; count < 3; count += 1) await subscribe(agent);
    expect((await agent.request(await format(agent, ['Event: reg']))).status).toBe(503);
  });

  it('keeps the route set and copies it', async () => {
    const agent = rig.agent();
    const at = (await agent.contactFor('p')).slice(1, -1);
    const response = await subscribe(agent, [
      'Event: reg',
      `Record-Route: <${at};lr>`,
      'Contact: <sip:w@far.invalid>',
    ]);
    expect(response.row('record-route')).toBe(`<${at};lr>`);
    const notify = await nextNotify(agent);
    expect(notify.row('route')).toBe(`<${at};lr>`);
    expect(notify.requestUri).toBe('sip:w@far.invalid');
  });
});

describe('within the dialog', () => {
  it.each([
    ['another id', 'Event: reg;id=8', 403],
    ['no id', 'Event: reg', 403],
    ["a user's package", 'Event: presence;id=7', 403],
    ['a package that nobody knows', 'Event: foo', 489],
    ['the same id', 'o: reg ; id=7 ; x=y', 200],
  ])('a SUBSCRIBE with %s', async (_what, event, status) => {
    const agent = rig.agent();
    const response = await subscribe(agent, ['Event: reg;id=7']);
    await nextNotify(agent);
    const headers = [event, `Contact: ${await agent.contactFor('w')}`];
    expect((await agent.request(inDialog(response, { headers }))).status).toBe(status);
  });

  it('RE5: refreshes tell everything, changes what changed, and versions grow by one', async () => {
    const agent = rig.agent();
    const response = await subscribe(agent, undefined, [contact('a')]);
    const seen = [await nextNotify(agent)];
    rig.watches[0]?.onResponse({
      full: false,
      contacts: [contact('b'), contact('a', { event: ContactEvent.UNREGISTERED })],
    });
    seen.push(await nextNotify(agent));
    const refreshed = await agent.request(
      inDialog(response, {
        headers: ['Event: reg', `Contact: ${await agent.contactFor('w')}`, 'Expires: 600'],
      }),
    );
    expect([refreshed.status, refreshed.expiresSec]).toEqual([200, 600]);
    seen.push(await nextNotify(agent));
    const ended = await agent.request(
      inDialog(response, {
        headers: ['Event: reg', `Contact: ${await agent.contactFor('w')}`, 'Expires: 0'],
      }),
    );
    expect(ended.status).toBe(200);
    seen.push(await nextNotify(agent));
    const told = seen.map(({ body, cseq }) => [
      cseq.sequence,
      /version="(\d+)" state="(\w+)"/.exec(body.toString())?.slice(1).join(' '),
    ]);
    expect(told).toEqual([
      [1, '0 full'],
      [2, '1 partial'],
      [3, '2 full'],
      [4, '3 full'],
    ]);
    expect(seen[1]?.body.toString()).toMatch(
      /id="b" state="active" event="registered".*id="a" state="terminated" event="unregistered"/s,
    );
    expect(seen[3]?.row('subscription-state')).toBe('terminated;reason=timeout');
    const late = await agent.request(
      inDialog(response, { headers: ['Event: reg', `Contact: ${await agent.contactFor('w')}`] }),
    );
    expect(late.status).toBe(481);
  });

  it('U14: a dialog that is not ours is 481, and an old CSeq 500', async () => {
    const agent = rig.agent();
    const response = await subscribe(agent);
    await nextNotify(agent);
    const headers = ['Event: reg', `Contact: ${await agent.contactFor('w')}`];
    const stranger = { ...inDialog(response, { headers }), callId: 'another' };
    expect((await agent.request(stranger)).status).toBe(481);
    expect((await agent.request(inDialog(response, { cseq: 1, headers }))).status).toBe(500);
  });

  it.each([
    ['481', 481, ''],
    ['486 without Retry-After', 486, ''],
  ])('a NOTIFY that is answered %s ends the subscription', async (_what, status, headers) => {
    const agent = rig.agent();
    const response = await subscribe(agent);
    await nextNotify(agent, status, headers);
    const again = inDialog(response, { headers: ['Event: reg', `Contact: ${await agent.contactFor('w')}`] });
    await expect.poll(async () => (await agent.request(again)).status).toBe(481);
  });

  it('a NOTIFY that is answered 503 with Retry-After comes again, complete', async () => {
    const agent = rig.agent();
    await subscribe(agent, undefined, [contact('a')]);
    await nextNotify(agent, 503, 'Retry-After: 1\r\n');
    const again = await nextNotify(agent);
    expect(again.body.toString()).toMatch(/version="1" state="full"/);
  });

  it('ends with a word where the edge stops', async () => {
    const agent = rig.agent();
    await subscribe(agent);
    await nextNotify(agent);
    const stopping = rig.drain();
    expect((await nextNotify(agent)).row('subscription-state')).toBe('terminated;reason=deactivated');
    await stopping;
  });

  it('RE3: ends for a watcher that has lost its right, which is told nothing else', async () => {
    const agent = rig.agent();
    const response = await subscribe(agent, undefined, [contact('a')]);
    await nextNotify(agent);
    const denied = GrpcCode.PERMISSION_DENIED;
    // That the edge itself may not ask is no matter of the watcher's.
    rig.watches[0]?.onEnd(new ServiceFault(denied, 'CALLER_NOT_ALLOWED', 'x'));
    await expect.poll(() => rig.watches.length).toBe(2);
    rig.watches[1]?.onEnd(new ServiceFault(denied, 'WATCH_REVOKED', 'x'));
    const last = await nextNotify(agent);
    expect(last.row('subscription-state')).toBe('terminated;reason=rejected');
    expect([last.rows('content-type'), last.body.length]).toEqual([[], 0]);
    const headers = ['Event: reg', `Contact: ${await agent.contactFor('w')}`];
    expect((await agent.request(inDialog(response, { headers }))).status).toBe(481);
  });

  it('goes on with another registrar, and tells nothing where nothing is new', async () => {
    const agent = rig.agent();
    await subscribe(agent, undefined, [contact('a')]);
    await nextNotify(agent);
    rig.watches[0]?.onEnd(undefined);
    await expect.poll(() => rig.watches.length).toBe(2);
    rig.watches[1]?.onResponse({ full: true, contacts: [contact('a')] });
    rig.watches[1]?.onResponse({ full: false, contacts: [contact('b')] });
    expect((await nextNotify(agent)).body.toString()).toMatch(/version="1" state="partial"/);
  });
});

describe('X13: a NOTIFY too large for UDP', () => {
  const many = Array.from({ length: 10 }, (_, index) => contact(`contact-${index}`));

  it('goes by TCP where the watcher takes it', async () => {
    const agent = rig.agent('udp');
    const local = await agent.open();
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(local.port, local.host, resolve);
    });
    const received = new Promise<string>((resolve) => {
      server.once('connection', (socket) =>
        socket.once('data', (bytes) => resolve(bytes.toString('latin1'))),
      );
    });
    await subscribe(agent, undefined, many);
    expect(await received).toMatch(/^NOTIFY .*\r\nVia: SIP\/2\.0\/TCP 127\.0\.0\.1:/);
  });

  it('and by UDP where it does not', async () => {
    const agent = rig.agent('udp');
    await subscribe(agent, undefined, many);
    const notify = await nextNotify(agent);
    expect(notify.topVia.transport).toBe('UDP');
    expect(notify.body.length).toBeGreaterThan(1300);
  });
});
