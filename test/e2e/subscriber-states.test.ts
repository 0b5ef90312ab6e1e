import { buildResponse } from '@rollcall/sip';
import { answerChallenge, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

/** A change is effective within a second; the machine is busy. */
const noticeMs = 10_000;

describe.each(targets)('states of a subscriber: $name', ({ start }) => {
  const [phone] = makePhones('state', 1);
  if (phone === undefined) throw new Error('no phone');
  const entry = (more: string) =>
    `- { username: ${phone.user}, domain: example.com, password: ${phone.password}, numbers: [+15551230001]${more} }\n`;
  let folder: ScratchFolder;
  let target: RunningTarget;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const file = await folder.write('subscribers.yaml', entry(''));
    target = await start({
      AUTH_SUBSCRIBERS: `file:${file}`,
      AUTH_NONCE_SECRETS: 'sixteen-characters-or-more',
    });
  });

  afterAll(async () => {
    await target?.stop();
    await folder?.remove();
  });

  it('D14, D15: blocked, gone and moved hold for its phones and its callers, and end again', async () => {
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const { aor, password, contact } = phone;
    const registered = async () =>
      (await agent.register({ aor, password, contact: `<${contact}>`, expires: 600 })).status;
    const called = async (uri = aor) => (await agent.request({ method: 'MESSAGE', uri })).status;
    const both = async () => [await registered(), await called()];
    const becomes = (statuses: number[]) =>
      expect.poll(both, { timeout: noticeMs, interval: 100 }).toEqual(statuses);

    expect(await both()).toEqual([200, 302]);
    expect(await called('tel:+15551230001')).toBe(302);
    expect(await called('tel:+1555123')).toBe(484);
    expect(await called('tel:+1666')).toBe(404);

    await folder.write('subscribers.yaml', entry(', state: blocked'));
    await becomes([403, 403]);
    // Nobody else learns of it.
    const stranger = await agent.register({ aor, password: 'wrong', expires: 600 });
    expect(stranger.status).toBe(401);

    await folder.write('subscribers.yaml', entry(', state: gone'));
    await becomes([403, 410]);

    await folder.write('subscribers.yaml', entry(', state: moved, movedTo: "sip:new@example.org;x=1"'));
    await becomes([200, 301]);
    const moved = await agent.request({ method: 'MESSAGE', uri: aor });
    expect(moved.rows('contact')).toEqual(['<sip:new@example.org;x=1>']);

    await folder.write('subscribers.yaml', entry(''));
    await becomes([200, 302]);
  });

  it('RE3: who loses the right to watch is told so at once', async () => {
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const { aor, user: username, password } = phone;
    const rows = ['Event: reg', `Contact: ${await agent.contactFor('watcher')}`];
    const request = { method: 'SUBSCRIBE', uri: aor, from: aor, callId: 'watching', headers: rows };
    const challenged = await agent.request(request);
    const answer = answerChallenge(challenged, { username, password, method: 'SUBSCRIBE', uri: aor });
    const headers = [...rows, `Authorization: ${answer}`];
    expect((await agent.request({ ...request, headers })).status).toBe(200);
    const states: string[] = [];
    const nextState = async () => {
      const message = await agent.nextMessage(noticeMs);
      if (message.kind !== 'request') return states.at(-1);
      await agent.sendText(buildResponse(message, 200, 'OK', { toTag: '' }).toString('latin1'));
      states.push(message.row('subscription-state') ?? '');
      return states.at(-1);
    };
    expect(await nextState()).toMatch(/^active;/);

    await folder.write('subscribers.yaml', entry(', state: blocked'));
    await expect.poll(nextState, { timeout: noticeMs }).toBe('terminated;reason=rejected');
    await folder.write('subscribers.yaml', entry(''));
  });
});
