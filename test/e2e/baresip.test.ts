import { findTool, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from './src/baresip.ts';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const installTimeoutMs = 400_000;
const phones = makePhones('desk', 2);

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
