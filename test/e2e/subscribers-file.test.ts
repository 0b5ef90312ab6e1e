import { SipAgent } from '@rollcall/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';
import { type RunningTarget, targets } from './src/targets.ts';

const fileName = 'subscribers.yaml';
/** Reading the file anew may take a second (design: a change is effective everywhere within 1 s); the machine is busy. */
const noticeMs = 10_000;

describe.each(targets)('subscribers.yaml of $name', ({ start }) => {
  const [old, added] = makePhones('edit', 2);
  let folder: ScratchFolder;
  let target: RunningTarget;

  beforeAll(async () => {
    folder = await makeScratchFolder();
    const file = await folder.write(fileName, formatSubscribers(old ? [old] : []));
    target = await start({ AUTH_SUBSCRIBERS: `file:${file}` });
  });

  afterAll(async () => {
    await target?.stop();
    await folder?.remove();
  });

  it('keeps its content after a bad edit, names the line, and takes the next good edit', async () => {
    if (old === undefined || added === undefined) throw new Error('no phones');
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    const statusOf = async ({ aor, password }: { aor: string; password: string }) =>
      (await agent.register({ aor, password, expires: 600 })).status;
    expect([await statusOf(old), await statusOf(added)]).toEqual([200, 401]);

    const both = formatSubscribers([old, added]);
    const complaint = target.log.next((line) => line.includes(`${fileName}:3`), `${fileName}:3`, noticeMs);
    await folder.write(fileName, `${both}- { username: carol, domain: example.com, passwort: typo }\n`);
    expect(await complaint).toMatch(/passwort|password/);
    expect([await statusOf(old), await statusOf(added)]).toEqual([200, 401]);

    await folder.write(fileName, both);
    await expect.poll(() => statusOf(added), { timeout: noticeMs, interval: 100 }).toBe(200);
    expect(await statusOf(old)).toBe(200);

    const changed = { ...old, password: 'a new one' };
    await folder.write(fileName, formatSubscribers([added, changed]).replace('a new one', '"a new one"'));
    await expect.poll(() => statusOf(changed), { timeout: noticeMs, interval: 100 }).toBe(200);
    expect(await statusOf(old)).toBe(401);

    await folder.write(fileName, formatSubscribers([added]));
    await expect.poll(() => statusOf(changed), { timeout: noticeMs, interval: 100 }).toBe(401);
  });

  it('V6: may have a domain that is an IPv6 address, however phones and callers write it', async () => {
    await using agent = new SipAgent({ transport: 'udp', server: target.sip });
    await folder.write(fileName, '- { username: six, domain: "[2001:DB8:0::1]", password: of-six }\n');
    const register = async (host: string) =>
      (await agent.register({ aor: `sip:six@${host}`, password: 'of-six', expires: 600 })).status;
    await expect.poll(() => register('[2001:db8::1]'), { timeout: noticeMs, interval: 100 }).toBe(200);
    expect(await register('[2001:DB8:0:0::1]')).toBe(200);
    for (const host of ['[2001:db8::1]', '[2001:DB8::0:1]:5060'])
      expect((await agent.request({ method: 'INVITE', uri: `sip:six@${host}` })).status).toBe(302);
    expect((await agent.request({ method: 'INVITE', uri: 'sip:six@[2001:db8::2]' })).status).toBe(404);
  });
});
