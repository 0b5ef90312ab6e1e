import { findTool, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from './src/baresip.ts';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const installTimeoutMs = 400_000;
const phones = makePhones('desk', 3);

// Where it has to be installed first, that takes its time.
beforeAll(async () => {
  await findTool('baresip');
}, installTimeoutMs);

describe.each(targets)('baresip and $name', ({ start }) => {
  let folder: ScratchFolder;
  let target: RunningTarget;
  let location: LocationClient;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers(phones));
    // baresip 1.0 gives up at a challenge whose algorithm it does not know, so MD5 has to be the only one.
    target = await start({ AUTH_SUBSCRIBERS: `file:${subscribers}`, AUTH_ALGORITHMS: 'MD5' });
    location = await connectToLocation(target.locationApi);
  });

  afterAll(async () => {
    location?.close();
    await target?.stop();
    await folder?.remove();
  });

  it.each([
    ['udp', phones[0]],
    ['tcp', phones[1]],
  ] as const)(
    'over %s it registers, is found by a caller and by a service, and leaves',
    async (transport, phone) => {
      if (phone === undefined) throw new Error('no phone');
      const { user, password, aor } = phone;
      const baresip = await startBaresip({ user, password, server: target.sip, transport, expiresSec: 600 });
      try {
        expect(await baresip.registered()).toContain('200 OK');

        const [binding, ...others] = await location.bindings(aor);
        expect(others).toEqual([]);
        expect(binding?.contact).toMatch(new RegExp(`^sip:${user}-0x[0-9a-f]+@127\\.0\\.0\\.1:\\d+`));
        expect(binding?.instanceId).toMatch(/^urn:uuid:[0-9a-f-]{36}$/);
        expect(binding?.userAgent).toMatch(/^baresip/);
        expect(binding?.flow?.transport).toBe(transport);
        expect(binding?.remaining?.seconds).toBeGreaterThan(500);

        await using caller = new SipAgent({ transport: 'udp', server: target.sip });
        const answer = await caller.request({ method: 'INVITE', uri: aor });
        expect(answer.status).toBe(302);
        expect(answer.row('contact')).toContain(`<${binding?.contact}>`);
      } finally {
        expect(await baresip.quit()).toBe(0);
      }
      expect(await location.bindings(aor)).toEqual([]);

      await using caller = new SipAgent({ transport: 'udp', server: target.sip });
      expect((await caller.request({ method: 'INVITE', uri: aor })).status).toBe(480);
    },
  );

  it('has two flows, and is called along its connection', async () => {
    const { user = '', password = '', aor = '' } = phones[2] ?? {};
    const baresip = await startBaresip({
      user,
      password,
      server: target.sip,
      transport: 'tcp',
      twoFlows: true,
      expiresSec: 600,
    });
    try {
      await expect.poll(() => location.bindings(aor), { timeout: 20_000 }).toHaveLength(2);
      const bindings = await location.bindings(aor);
      expect(bindings.map(({ regId }) => regId).sort()).toEqual([1, 2]);
      expect(new Set(bindings.map(({ instanceId }) => instanceId)).size).toBe(1);
      for (const { path } of bindings) expect(path).toEqual([expect.stringMatching(/;lr;ob>$/)]);
      const byTcp = bindings.find(({ flow }) => flow?.transport === 'tcp');

      await using caller = new SipAgent({ transport: 'udp', server: target.sip });
      expect((await caller.request({ method: 'INVITE', uri: aor })).status).toBe(302);
      const { port } = await caller.open();
      const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
      const invite = {
        method: 'INVITE',
        uri: byTcp?.contact ?? '',
        branch: 'z9hG4bKcall-along-a-flow',
        callId: `call-${user}@e2e.test`,
        cseq: 7,
      };
      const headers = [
        `Route: ${byTcp?.path[0]}`,
        `Contact: ${await caller.contactFor('caller')}`,
        'Content-Type: application/sdp',
      ];
      const ended = caller.request({ ...invite, headers, body });
      let ringing = await caller.nextMessage();
      while (ringing.kind === 'response' && ringing.status === 100) ringing = await caller.nextMessage();
      expect(ringing.kind === 'response' && ringing.status).toBe(180);
      expect(ringing.row('record-route')).toContain(';transport=tcp;lr>');
      expect(
        (await caller.request({ ...invite, method: 'CANCEL', headers: headers.slice(0, 1) })).status,
      ).toBe(200);
      expect((await ended).status).toBe(487);
    } finally {
      expect(await baresip.quit()).toBe(0);
    }
    expect(await location.bindings(aor)).toEqual([]);
  });

  it('is refused with a wrong password', async () => {
    const { user = '', aor = '' } = phones[0] ?? {};
    const baresip = await startBaresip({
      user,
      password: 'guessed',
      server: target.sip,
      transport: 'udp',
      expiresSec: 600,
    });
    try {
      expect(await baresip.registered()).toMatch(/401|Authentication/i);
    } finally {
      await baresip.quit();
    }
    expect(await location.bindings(aor)).toEqual([]);
  });
});
