import { findFreePort } from '@rollcall/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { credentials, Rig, register, registered } from './edge-rig.ts';
import { nextRequest } from './phone-messages.ts';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
  rig.register = async () => registered([]);
});
afterEach(() => rig.stop());

it('each listener is known by its own address: Path by that of UDP, Via and Record-Route by that of the flow', async () => {
  rig.env = { EDGE_ADVERTISE: '192.0.2.10,2001:db8::10 tcp=edge-1.example.com:15060' };
  await rig.start();
  const phone = rig.agent('tcp');
  const contact = await phone.contactFor('alice');
  const headers = [credentials, `Contact: ${contact}`, 'Supported: path'];
  expect((await phone.request({ ...register, headers })).status).toBe(200);
  const path = rig.registers.at(-1)?.edgePath ?? '';
  expect(path).toMatch(new RegExp(`^<sip:[^@]+@192\\.0\\.2\\.10:${rig.ports.udp};lr>$`));

  const caller = rig.agent('udp');
  await caller.sendText(
    await caller.format({ method: 'INVITE', uri: contact.slice(1, -1), headers: [`Route: ${path}`] }),
  );
  const invite = await nextRequest(phone);
  expect(invite.topVia).toMatchObject({ host: 'edge-1.example.com', port: 15060 });
  expect(invite.recordRoute).toEqual([
    expect.stringMatching(/^<sip:[^@]+@edge-1\.example\.com:15060;transport=tcp;lr>$/),
    expect.stringMatching(new RegExp(`^<sip:[^@]+@192\\.0\\.2\\.10:${rig.ports.udp};lr>$`)),
  ]);
});

it('each family may have a socket of its own on one port', async () => {
  const [udp, tcp] = [await findFreePort(), await findFreePort()];
  rig.env = {
    EDGE_UDP_LISTEN: `[::]:${udp},0.0.0.0:${udp}`,
    EDGE_TCP_LISTEN: `0.0.0.0:${tcp},[::]:${tcp}`,
    EDGE_ADVERTISE: '192.0.2.10,2001:db8::10',
  };
  await rig.start();
  for (const transport of ['udp', 'tcp'] as const) {
    for (const host of ['127.0.0.1', '::1']) {
      const agent = rig.agent(transport, 5000, undefined, host);
      const { status, topVia } = await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' });
      expect([status, topVia.received]).toEqual([200, host]);
    }
  }
});

it('on a socket of both families each peer is told the address of its own', async () => {
  rig.env = {
    EDGE_UDP_LISTEN: '[::]:0',
    EDGE_TCP_LISTEN: '[::]:0',
    EDGE_ADVERTISE: '192.0.2.10,2001:db8::10',
  };
  await rig.start();
  const phone = rig.agent('tcp', 5000, undefined, '127.0.0.1');
  const contact = await phone.contactFor('alice');
  const headers = [credentials, `Contact: ${contact}`, 'Supported: path'];
  expect((await phone.request({ ...register, headers })).status).toBe(200);
  const path = rig.registers.at(-1)?.edgePath ?? '';
  expect(path).toMatch(/^<sip:[^@]+@192\.0\.2\.10:\d+;lr>$/);
  const caller = rig.agent('udp', 5000, undefined, '::1');
  await caller.sendText(
    await caller.format({ method: 'INVITE', uri: contact.slice(1, -1), headers: [`Route: ${path}`] }),
  );
  const invite = await nextRequest(phone);
  expect(invite.topVia.host).toBe('192.0.2.10');
  const [towardsPhone, towardsCaller] = invite.recordRoute;
  expect(towardsPhone).toContain(`@192.0.2.10:${rig.ports.tcp};transport=tcp`);
  expect(towardsCaller).toContain(`@[2001:db8::10]:${rig.ports.udp};lr`);
});
