import { answerChallenge, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { domain, formatSubscribers, makePhones, type Phone } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const phones = makePhones('phone', 8);

/** Each test has a phone of its own, so that none depends on what another left. */
let taken = 0;
function takePhone(): Phone {
  const phone = phones[taken++ % phones.length];
  if (phone === undefined) throw new Error('no phones');
  return phone;
}

describe.each(targets)('a phone and $name', ({ start }) => {
  let folder: ScratchFolder;
  let target: RunningTarget;
  let location: LocationClient;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers(phones));
    target = await start({ AUTH_SUBSCRIBERS: `file:${subscribers}`, REGISTRAR_EXPIRES_JITTER: '0' });
    location = await connectToLocation(target.locationApi);
  });

  afterAll(async () => {
    location?.close();
    await target?.stop();
    await folder?.remove();
  });

  it.each(['udp', 'tcp'] as const)(
    'registers over %s by SHA-256, and another service finds it by gRPC',
    async (transport) => {
      const { user, password, aor } = takePhone();
      await using agent = new SipAgent({ transport, server: target.sip });
      const contact = await agent.contactFor(user);
      const answer = await agent.register({ aor, password, algorithm: 'SHA-256', expires: 600 });
      expect(answer.status).toBe(200);
      expect(answer.values('contact')).toEqual([expect.stringContaining(`${contact};expires=600`)]);

      const [binding, ...others] = await location.bindings(aor);
      const { host, port } = await agent.open();
      expect(others).toEqual([]);
      expect(`<${binding?.contact}>`).toBe(contact);
      expect(binding?.received).toBe(`${host}:${port}`);
      expect(binding?.flow?.transport).toBe(transport);
      expect(binding?.remaining?.seconds).toBeGreaterThan(590);
    },
  );

  it("refuses a wrong password, an unknown user and another's AOR", async () => {
    const [owner, other] = [takePhone(), takePhone()];
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const wrong = await agent.register({ aor: owner.aor, password: 'guessed' });
    const unknown = await agent.register({ aor: `sip:nobody@${domain}`, password: 'guessed' });
    const foreign = await agent.register({ aor: owner.aor, username: other.user, password: other.password });
    expect([wrong.status, unknown.status, foreign.status]).toEqual([401, 401, 403]);
    expect(await location.bindings(owner.aor)).toEqual([]);
  });

  it('keeps two phones of one AOR, highest q first, and removes both by *', async () => {
    const { user, password, aor } = takePhone();
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const contacts = [`<sip:${user}@127.0.0.1:2001>;q=0.3`, `<sip:${user}@127.0.0.1:2002>;q=0.8`];
    for (const contact of contacts) {
      expect((await agent.register({ aor, password, contact, expires: 600 })).status).toBe(200);
    }
    const invite = await agent.request({ method: 'INVITE', uri: aor });
    expect(invite.status).toBe(302);
    expect(invite.values('contact').map((value) => /<(.*)>/.exec(value)?.[1])).toEqual([
      `sip:${user}@127.0.0.1:2002`,
      `sip:${user}@127.0.0.1:2001`,
    ]);
    const removed = await agent.register({ aor, password, contact: '*', expires: 0 });
    expect(removed.status).toBe(200);
    expect(removed.rows('contact')).toEqual([]);
    expect((await agent.request({ method: 'INVITE', uri: aor })).status).toBe(480);
    expect((await agent.request({ method: 'INVITE', uri: `sip:nobody@${domain}` })).status).toBe(404);
  });

  it('gets the same answer to a retransmission, which registers nothing anew', async () => {
    const { user, password, aor } = takePhone();
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const contact = await agent.contactFor(user);
    const request = {
      method: 'REGISTER',
      uri: `sip:${domain}`,
      from: aor,
      to: aor,
      callId: `${user}@once.test`,
    };
    const challenged = await agent.request({ ...request, headers: [`Contact: ${contact}`] });
    const credentials = answerChallenge(challenged, {
      username: user,
      password,
      method: request.method,
      uri: request.uri,
    });
    const text = await agent.format({
      ...request,
      headers: [`Contact: ${contact}`, `Authorization: ${credentials}`, 'Expires: 600'],
    });
    // The copies reach the edge before it has an answer, and after.
    await Promise.all([agent.sendText(text), agent.sendText(text)]);
    const answer = await agent.nextText();
    expect(answer).toMatch(/^SIP\/2\.0 200 /);
    const [first] = await location.bindings(aor);
    await agent.sendText(text);
    expect(await agent.nextText()).toBe(answer);
    const [after, ...others] = await location.bindings(aor);
    expect(others).toEqual([]);
    expect(after?.refreshTime).toEqual(first?.refreshTime);

    // The same credentials in a new request are a replay (RFC 7616 §3.4.5): a fresh nonce is offered, nothing changes.
    const replay = await agent.request({
      ...request,
      headers: ['Contact: <sip:thief@127.0.0.1:1>', `Authorization: ${credentials}`, 'Expires: 600'],
    });
    expect(replay.status).toBe(401);
    expect(replay.row('www-authenticate')).toContain('stale=true');
    expect((await location.bindings(aor)).map(({ contact: uri }) => `<${uri}>`)).toEqual([contact]);
  });

  it('finds the server alive: OPTIONS and keep-alives are answered', async () => {
    await using agent = new SipAgent({ transport: 'tcp', server: target.sip });
    await agent.sendText('\r\n\r\n');
    expect(await agent.nextText()).toBe('\r\n');
    expect((await agent.request({ method: 'OPTIONS', uri: `sip:${domain}` })).status).toBe(200);
  });
});
