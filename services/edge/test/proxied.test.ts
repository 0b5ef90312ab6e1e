import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { SipAgent } from '@rollcall/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { challenged, Rig, register, registered } from './edge-rig.ts';

const client = { host: '203.0.113.7', port: 40_000 };
const header = `PROXY TCP4 ${client.host} 198.51.100.1 ${client.port} 5060\r\n`;

let rig: Rig;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  rig = new Rig();
  // As a registrar whose subscriber needs no credentials from there.
  rig.networks = ['203.0.113.0/24'];
  rig.register = async ({ flow }) =>
    flow?.remoteAddress.startsWith('203.0.113.') ? registered([]) : challenged(false);
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rig.stop();
});

/** A phone behind a proxy that begins each connection with these bytes. */
async function behindProxy(bytes: string): Promise<SipAgent> {
  const server = createServer((phone) => {
    const edge = connect(rig.ports.tcp, '127.0.0.1');
    edge.write(bytes);
    phone.pipe(edge).pipe(phone);
    for (const each of [phone, edge]) each.on('error', () => undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { address: host, port } = server.address() as AddressInfo;
  const agent = new SipAgent({ transport: 'tcp', server: { host, port }, timeoutMs: 5000 });
  closing.push(async () => {
    await agent.close();
    server.close();
  });
  return agent;
}

const register10 = { ...register, headers: ['Contact: <sip:alice@10.0.0.4>'] };

describe('a phone behind a proxy', () => {
  it("is the proxy's client to everybody: in Via, to the registrar, and for networks that need no credentials", async () => {
    rig.env = { EDGE_PROXY_PROTOCOL_FROM: '127.0.0.1' };
    await rig.start();
    const phone = await behindProxy(header);
    const answer = await phone.request(register10);
    expect(answer.status).toBe(200);
    expect(answer.topVia).toMatchObject({ received: client.host });
    expect(rig.registers[0]?.flow?.remoteAddress).toBe(`${client.host}:${client.port}`);

    const other = await behindProxy(header.replace('203.0.113.7', '198.51.100.9'));
    expect((await other.request(register10)).status).toBe(401);
  });

  it('of which the proxy says nothing is the proxy, and in no network of phones', async () => {
    rig.env = { EDGE_PROXY_PROTOCOL_FROM: '127.0.0.1' };
    await rig.start();
    const phone = await behindProxy('PROXY UNKNOWN 203.0.113.7 198.51.100.1 40000 5060\r\n');
    expect((await phone.request(register10)).status).toBe(401);
  });

  it.each([
    ['nobody', ''],
    ['a proxy elsewhere', '192.0.2.1'],
    ['a proxy of another listener', 'tcp= 127.0.0.1'],
  ])('cannot say by itself who it is: trusted is %s', async (_who, trusted) => {
    rig.env = { EDGE_PROXY_PROTOCOL_FROM: trusted };
    await rig.start();
    const phone = await behindProxy(header);
    // The line spoils the first request. What follows is from where the socket says.
    await phone.sendText(await phone.format(register10));
    for (let index = 0; index < 3; index += 1) expect((await phone.request(register10)).status).toBe(401);
    expect(rig.registers.map(({ flow }) => flow?.remoteAddress.split(':')[0])).toEqual(['127.0.0.1']);
  });

  it('counts connections without a header, by what was wrong', async () => {
    rig.env = { EDGE_PROXY_PROTOCOL_FROM: '10.0.0.0/8 127.0.0.0/8' };
    await rig.start();
    const agent = rig.agent('tcp');
    await expect(agent.request(register10)).rejects.toThrow();
    const { body: text } = await rig.metrics.render();
    expect(text).toContain('rollcall_proxy_protocol_errors_total{transport="tcp",reason="absent"} 1');
    expect(text).toContain('rollcall_proxy_protocol_errors_total{transport="tcp",reason="no_address"} 0');
  });
});

describe('the configuration of listeners', () => {
  it.each([
    [{ EDGE_PROXY_PROTOCOL_FROM: '0.0.0.0/0' }, 'must be networks such as 192.0.2.0/28, not of prefix 0'],
    [{ EDGE_PROXY_PROTOCOL_FROM: 'lb.example.com' }, 'must be networks'],
    [
      { EDGE_PROXY_PROTOCOL_FROM: 'udp=192.0.2.1' },
      'EDGE_PROXY_PROTOCOL_FROM names udp, but there is no PROXY protocol over UDP here',
    ],
    [{ EDGE_PROXY_PROTOCOL_FROM: 'tls=192.0.2.1' }, 'names tls, where nothing listens'],
    [
      { EDGE_ADVERTISE: '192.0.2.1 tcp:5062=192.0.2.2' },
      'EDGE_ADVERTISE names tcp:5062, where nothing listens',
    ],
    [{ EDGE_ADVERTISE: 'tcp=[sip.example.com]' }, 'must be host or host:port'],
  ])('%j: %s', async (env, problem) => {
    rig.env = env;
    await expect(rig.start()).rejects.toThrow(problem);
  });
});
