import { findTool, SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLinphone } from './src/linphone.ts';
import { connectToLocation, type LocationClient } from './src/location-api.ts';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const installTimeoutMs = 400_000;
const registerTimeoutMs = 20_000;
const uuid = 'f81d4fae-7dec-41d0-a765-00a0c91e6bf6';
const offer = [
  ...['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'],
  ...['m=audio 40000 RTP/AVP 0', ''],
].join('\r\n');

// Where it has to be installed first, that takes its time.
beforeAll(async () => {
  await findTool('linphonec');
}, installTimeoutMs);

describe.each(targets)('Linphone and $name', ({ start }) => {
  const [phone] = makePhones('linphone', 1);
  if (phone === undefined) throw new Error('no phone');
  const { aor } = phone;
  let folder: ScratchFolder;
  let target: RunningTarget;
  let location: LocationClient;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const subscribers = await folder.write('subscribers.yaml', formatSubscribers([phone]));
    // SHA-256 and nothing else: a phone that only says it knows it would not get in.
    target = await start({
      AUTH_SUBSCRIBERS: `file:${subscribers}`,
      AUTH_ALGORITHMS: 'SHA-256',
      REGISTRAR_GRUU_SECRETS: 'a-secret-of-gruus-for-tests',
      LOG_LEVEL: 'debug',
    });
    location = await connectToLocation(target.locationApi);
  });

  afterAll(async () => {
    location?.close();
    await target?.stop();
    await folder?.remove();
  });

  it('A18, G1, G5: it registers by SHA-256, takes the GRUU it is given, is found by it, and leaves', async () => {
    const linphone = await startLinphone({ phone, server: target.sip, uuid });
    const gruu = `${aor};gr=urn:uuid:${uuid}`;
    try {
      await expect
        .poll(() => location.bindings(aor), { timeout: registerTimeoutMs, interval: 200 })
        .toHaveLength(1);
      await expect.poll(() => linphone.isRegistered(), { timeout: registerTimeoutMs }).toBe(true);
      const [binding] = await location.bindings(aor);
      expect(binding?.userAgent).toMatch(/^Linphonec/);
      expect(binding?.instanceId).toBe(`urn:uuid:${uuid}`);

      await using caller = new SipAgent({ transport: 'udp', server: target.sip });
      const found = await caller.request({ method: 'INVITE', uri: gruu });
      expect(found.status).toBe(302);
      const [contact] = found.contacts.star ? [] : found.contacts.contacts;
      expect(contact?.uri).toBe(binding?.contact);

      // Called there, it names itself by the GRUU: by nothing else could it have learnt it.
      const port = Number(/:(\d+)/.exec(contact?.uri.slice(contact.uri.indexOf('@')) ?? '')?.[1]);
      const host = contact?.uri.slice(contact.uri.indexOf('@') + 1, contact.uri.lastIndexOf(':')) ?? '';
      await using direct = new SipAgent({ transport: 'udp', server: { host, port } });
      const local = await direct.open();
      const answer = await direct.request({
        method: 'INVITE',
        uri: contact?.uri ?? '',
        to: aor,
        headers: [`Contact: <sip:caller@127.0.0.1:${local.port}>`, 'Content-Type: application/sdp'],
        body: offer,
        timeoutMs: registerTimeoutMs,
      });
      expect(answer.status).toBe(200);
      expect(answer.row('contact')).toBe(`<${gruu}>`);
    } finally {
      await linphone.quit();
    }
    expect(await location.bindings(aor)).toEqual([]);
  });

  it('A18: it is refused with a wrong password', async () => {
    const linphone = await startLinphone({
      phone: { ...phone, password: 'guessed' },
      server: target.sip,
      uuid,
    });
    try {
      const refused = target.log.next(
        (line) => line.includes('auth_failed'),
        'auth_failed',
        registerTimeoutMs,
      );
      await refused;
      expect(await linphone.isRegistered()).toBe(false);
    } finally {
      await linphone.quit();
    }
    expect(await location.bindings(aor)).toEqual([]);
  });
});
