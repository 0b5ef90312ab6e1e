import { systemClock } from '@rollcall/runtime';
import { buildResponse, parseMessage, type SipRequest, type SipResponse } from '@rollcall/sip';
import { SipAgent } from '@rollcall/testkit';
import { createTransportStats, type Flow, listenTcp, listenUdp } from '@rollcall/transport';
import { afterEach, expect, it } from 'vitest';
import { ListenerSetting } from '../src/listener-setting.ts';
import { OutgoingFlows } from '../src/outgoing-flows.ts';
import { type AdvertisedAddress, OwnAddress, readAdvertisedAddress } from '../src/own-address.ts';
import { RequestSender } from '../src/request-sender.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A sender on real sockets, as the edge wires it. */
async function open() {
  const flows: Flow[] = [];
  const sink = {
    onMessage: (bytes: Buffer, flow: Flow) => {
      const message = parseMessage(bytes, flow.reliable ? 'stream' : 'datagram');
      if (message.kind === 'response') sender.receive(message);
      else flows.push(flow);
    },
    onFramingError: () => undefined,
    onFlowClosed: (flow: Flow) => sender.onFlowClosed(flow),
  };
  const stats = createTransportStats();
  const any = { host: '127.0.0.1', port: 0 };
  const listeners = [await listenUdp(any, sink, { stats }), await listenTcp(any, sink, { stats })];
  const nothing = ListenerSetting.read('', readAdvertisedAddress) as ListenerSetting<AdvertisedAddress>;
  const own = new OwnAddress(nothing, listeners);
  const sender = new RequestSender({ clock: systemClock, own });
  closing.push(async () => {
    sender.close();
    for (const listener of listeners) await listener.close();
  });
  const connect = async (transport: 'udp' | 'tcp') => {
    const listener = listeners.find((each) => each.transport === transport);
    if (listener === undefined) throw new Error('not listening');
    const agent = new SipAgent({ transport, server: listener.address, timeoutMs: 3000 });
    closing.push(() => agent.close());
    await agent.sendText(await agent.format({ method: 'MESSAGE', uri: 'sip:example.com' }));
    await expect.poll(() => flows.length).toBeGreaterThan(0);
    return { agent, flow: flows.at(-1) as Flow, port: listener.address.port };
  };
  const send = (flow: Flow) => {
    const told: (SipResponse['status'] | string)[] = [];
    sender.send(
      {
        method: 'NOTIFY',
        write: (viaRow) =>
          Buffer.from(
            `NOTIFY sip:a@b SIP/2.0\r\n${viaRow}From: <sip:x@y>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: c\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n`,
          ),
      },
      flow,
      {
        onResponse: ({ status }) => told.push(status),
        onFailure: (reason) => told.push(reason),
      },
    );
    return told;
  };
  return { connect, send, sender, listeners };
}

function answer(agent: SipAgent, request: SipRequest, status: number): Promise<void> {
  return agent.sendText(buildResponse(request, status, 'X', { toTag: 't' }).toString('latin1'));
}

it.each(['udp', 'tcp'] as const)('sends along a %s flow and gives the response back', async (transport) => {
  const { connect, send } = await open();
  const { agent, flow, port } = await connect(transport);
  const told = send(flow);
  const request = (await agent.nextMessage()) as SipRequest;
  expect(request.topVia).toMatchObject({ transport: transport.toUpperCase(), host: '127.0.0.1', port });
  await answer(agent, request, 100);
  await answer(agent, request, 200);
  await expect.poll(() => told).toEqual([100, 200]);
});

it('sends again over UDP until it is answered', async () => {
  const { connect, send } = await open();
  const { agent, flow } = await connect('udp');
  const told = send(flow);
  const first = (await agent.nextMessage()) as SipRequest;
  const second = (await agent.nextMessage()) as SipRequest;
  expect(second.topVia.branch).toBe(first.topVia.branch);
  await answer(agent, first, 481);
  await expect.poll(() => told).toEqual([481]);
});

it('tells at once that the connection is gone', async () => {
  const { connect, send, sender } = await open();
  const { agent, flow } = await connect('tcp');
  const told = send(flow);
  await agent.nextMessage();
  await agent.close();
  await expect.poll(() => told).toEqual(['send-failed']);
  expect(sender.size).toBe(0);
  expect(send(flow)).toEqual(['send-failed']);
});

it('reaches an address by UDP, by one connection, or not at all', async () => {
  const { listeners } = await open();
  const away = await listenTcp({ host: '127.0.0.1', port: 0 }, { onMessage() {}, onFramingError() {} });
  const outgoing = new OutgoingFlows(listeners);
  const [first, second] = await Promise.all([
    outgoing.reach('tcp', away.address),
    outgoing.reach('tcp', away.address),
  ]);
  expect(first?.remote).toEqual(away.address);
  expect(second).toBe(first);
  expect((await outgoing.reach('udp', away.address))?.remote).toEqual(away.address);
  expect(await outgoing.reach('udp', { host: 'a.example', port: 1 })).toBeUndefined();
  expect(await outgoing.reach('tls', away.address)).toBeUndefined();
  await away.close();
  await expect.poll(() => first?.open).toBe(false);
  expect(await outgoing.reach('tcp', away.address)).toBeUndefined();
});
