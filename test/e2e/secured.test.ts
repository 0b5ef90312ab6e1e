import { prepareSecured, type Secured } from '@rollcall/conformance';
import { findTool, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startBaresip } from './src/baresip.ts';
import { startJsSip } from './src/jssip.ts';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const installTimeoutMs = 400_000;
const phones = makePhones('safe', 3);

// Where it has to be installed first, that takes its time.
beforeAll(async () => {
  await findTool('baresip');
}, installTimeoutMs);

describe.each(targets)('clients by TLS and WebSockets, and $name', ({ start }) => {
  let folder: ScratchFolder;
  let secured: Secured;
  let target: RunningTarget;
  let location: LocationClient;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    secured = await prepareSecured(folder.path);
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers(phones));
    // baresip 1.0 and JsSIP know MD5 only.
    const env = { AUTH_SUBSCRIBERS: `file:${subscribers}`, AUTH_ALGORITHMS: 'MD5', ...secured.env };
    target = await start(env);
    location = await connectToLocation(target.locationApi);
  });

  afterAll(async () => {
    location?.close();
    await target?.stop();
    await folder?.remove();
  });

  it('baresip registers by TLS, trusting our authority, is found, and leaves', async () => {
    const { user = '', password = '', aor = '' } = phones[0] ?? {};
    const baresip = await startBaresip({
      ...{ user, password, server: secured.tls, caFile: secured.caFile },
      ...{ transport: 'tls', expiresSec: 600 },
    });
    try {
      expect(await baresip.registered()).toContain('200 OK');
      const [binding, ...others] = await location.bindings(aor);
      expect(others).toEqual([]);
      expect(binding?.userAgent).toMatch(/^baresip/);
      expect(binding?.flow?.transport).toBe('tls');
      await using caller = new SipAgent({ transport: 'udp', server: target.sip });
      const answer = await caller.request({ method: 'INVITE', uri: aor });
      expect(answer.status).toBe(302);
      expect(answer.row('contact')).toContain(`<${binding?.contact}>`);
      expect(binding?.contact).toMatch(/;transport=tls$/);
    } finally {
      expect(await baresip.quit()).toBe(0);
    }
    expect(await location.bindings(aor)).toEqual([]);
  });

  it.each(['ws', 'wss'] as const)(
    'JsSIP registers by %s with a contact of no address, and leaves',
    async (transport) => {
      const phone = phones[transport === 'ws' ? 1 : 2];
      if (phone === undefined) throw new Error('no phone');
      const { host, port } = secured[transport];
      const jssip = startJsSip(phone, `${transport}://${host}:${port}`, secured.caFile);
      try {
        expect(await jssip.registered()).toContain('"registered"');
        const [binding, ...others] = await location.bindings(phone.aor);
        expect(others).toEqual([]);
        expect(binding?.userAgent).toMatch(/^JsSIP/);
        // RFC 7118 §5: it has no address to tell; the flow is the way to it.
        expect(binding?.contact).toMatch(/\.invalid;transport=wss?$/);
        expect(binding?.flow?.transport).toBe(transport);
        expect(binding?.path).toHaveLength(1);
      } finally {
        expect(await jssip.quit()).toBe(0);
      }
      await expect.poll(() => location.bindings(phone.aor), { timeout: 20_000 }).toEqual([]);
    },
  );
});
