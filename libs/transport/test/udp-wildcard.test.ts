import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import {
  FlowTable,
  listenUdp,
  listenUdpWildcard,
  needsUdpWildcard,
  type UdpWildcard,
  type UdpWildcardOptions,
} from '../src/index.ts';
import { latin1, registerText } from './messages.ts';
import { RecordingSink } from './recording-sink.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function listen(options: UdpWildcardOptions, host = '0.0.0.0'): Promise<UdpWildcard> {
  const listener = await listenUdpWildcard({ host, port: 0 }, answering(), options);
  cleanUps.push(() => listener.close());
  return listener;
}

function answering(): RecordingSink {
  const sink = new RecordingSink();
  sink.answer = (_text, flow) => flow.send(latin1(`to ${flow.local.host}`));
  return sink;
}

async function openPhone(host = '127.0.0.1'): Promise<Socket> {
  const phone = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  phone.bind(0, host);
  await once(phone, 'listening');
  cleanUps.push(async () => phone.close());
  return phone;
}

/** What came back to a phone that sent to an address: where from, and the address that the flow says. */
async function ask(phone: Socket, host: string, port: number): Promise<string> {
  const answer = once(phone, 'message', { signal: AbortSignal.timeout(10_000) });
  phone.send(registerText(), port, host);
  const [bytes, source] = (await answer) as [Buffer, RemoteInfo];
  return `${source.address}:${source.port} ${bytes.toString('latin1')}`;
}

// All of 127.0.0.0/8 is this machine's, on Linux.
describe.runIf(process.platform === 'linux')('UDP at all addresses', () => {
  it('X3: an answer leaves from the address that was asked, whichever that is', async () => {
    const listener = await listen({ addresses: () => ['127.0.0.1', '127.0.0.2', '127.0.0.3'] });
    const { port } = listener.address;
    const phone = await openPhone();
    for (const host of ['127.0.0.3', '127.0.0.2', '127.0.0.1'])
      expect(await ask(phone, host, port)).toBe(`${host}:${port} to ${host}`);
    expect(listener).toMatchObject({ address: { host: '0.0.0.0' }, stats: { datagramsReceived: 3 } });
  });

  it('takes what comes to an address without a socket', async () => {
    const { address } = await listen({ addresses: () => ['127.0.0.2'] });
    expect(await ask(await openPhone(), '127.0.0.1', address.port)).toBe(
      `127.0.0.1:${address.port} to 0.0.0.0`,
    );
  });

  it('follows the addresses that come and go', async () => {
    let addresses = ['127.0.0.1', '127.0.0.2'];
    const flows = new FlowTable();
    const listener = await listen({ addresses: () => addresses, flows });
    const { port } = listener.address;
    const phone = await openPhone();
    addresses = ['127.0.0.1', '127.0.0.3'];
    await listener.look();
    expect(await ask(phone, '127.0.0.3', port)).toBe(`127.0.0.3:${port} to 127.0.0.3`);
    const token = (local: string) => `u~${local}:${port}~127.0.0.1:5062`;
    expect(flows.find(token('127.0.0.2'))).toBeUndefined();
    expect(flows.find(token('127.0.0.3'))).toMatchObject({ open: true });
    await listener.close();
    expect(flows.find(token('127.0.0.3'))).toBeUndefined();
  });

  it('looks by itself', async () => {
    let addresses: string[] = [];
    const listener = await listen({ addresses: () => addresses, lookEveryMs: 5 });
    addresses = ['127.0.0.2'];
    const phone = await openPhone();
    const wanted = `127.0.0.2:${listener.address.port} to 127.0.0.2`;
    const ofLast = () => ask(phone, '127.0.0.2', listener.address.port).catch(() => '');
    await expect.poll(ofLast, { timeout: 10_000 }).toBe(wanted);
  });

  it('goes on where an address cannot be bound', async () => {
    const { address } = await listen({ addresses: () => ['192.0.2.250', '127.0.0.2'] });
    expect(await ask(await openPhone(), '127.0.0.2', address.port)).toContain('127.0.0.2:');
  });

  it('serves where nobody may ask for the addresses', async () => {
    let asked = 0;
    const addresses = () => {
      asked += 1;
      if (asked > 1) throw new Error('EPERM');
      return ['127.0.0.2'];
    };
    const listener = await listen({ addresses });
    await listener.look();
    const phone = await openPhone();
    for (const [host, local] of [
      ['127.0.0.1', '0.0.0.0'],
      ['127.0.0.2', '127.0.0.2'],
    ] as const)
      expect(await ask(phone, host, listener.address.port)).toContain(`to ${local}`);
  });

  it('shares its port with nobody', async () => {
    const { port } = (await listen({ addresses: () => ['127.0.0.1'] })).address;
    const sink = new RecordingSink();
    for (const host of ['0.0.0.0', '127.0.0.1', '::'])
      await expect(listenUdp({ host, port }, sink), host).rejects.toThrow('EADDRINUSE');
    await expect(listenUdpWildcard({ host: '0.0.0.0', port }, sink)).rejects.toThrow('EADDRINUSE');
  });

  it('serves IPv4 by [::], unless it may not', async () => {
    const addresses = () => ['::1', '127.0.0.2'];
    const both = await listen({ addresses }, '::');
    const { port } = both.address;
    expect(await ask(await openPhone('::1'), '::1', port)).toBe(`::1:${port} to ::1`);
    expect(await ask(await openPhone(), '127.0.0.2', port)).toBe(`127.0.0.2:${port} to 127.0.0.2`);
    const only = await listen({ addresses, ipv6Only: true }, '::');
    // The port is free for IPv4.
    const beside = await listenUdp({ host: '0.0.0.0', port: only.address.port }, new RecordingSink());
    await beside.close();
  });

  it('stopped, it takes nothing more by any socket', async () => {
    const listener = await listen({ addresses: () => ['127.0.0.2'] });
    listener.stop();
    const phone = await openPhone();
    for (const host of ['127.0.0.1', '127.0.0.2']) phone.send(registerText(), listener.address.port, host);
    await expect.poll(() => listener.stats.dropped.stopped, { timeout: 10_000 }).toBe(2);
    await listener.drain();
    await listener.close();
    await listener.close();
  });

  it('has the addresses of the interfaces by default', async () => {
    const { address } = await listen({});
    expect(await ask(await openPhone(), '127.0.0.1', address.port)).toContain('to 127.0.0.1');
    expect(['0.0.0.0', '::', '127.0.0.1', '::1'].map(needsUdpWildcard)).toEqual([true, true, false, false]);
  });
});
