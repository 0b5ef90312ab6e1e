import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { FlowTable, listenUdp, responseTarget, type UdpListener, type UdpOptions } from '../src/index.ts';
import { latin1, parseVia, registerText } from './messages.ts';
import { RecordingSink } from './recording-sink.ts';

const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function listen(
  sink: RecordingSink,
  host = '127.0.0.1',
  options: UdpOptions = {},
): Promise<UdpListener> {
  const listener = await listenUdp({ host, port: 0 }, sink, options);
  cleanUps.push(() => listener.close());
  return listener;
}

async function openPhone(type: 'udp4' | 'udp6' = 'udp4'): Promise<Socket> {
  const phone = createSocket(type);
  phone.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
  await once(phone, 'listening');
  cleanUps.push(async () => phone.close());
  return phone;
}

async function nextDatagram(phone: Socket): Promise<{ text: string; source: RemoteInfo }> {
  const [bytes, source] = (await once(phone, 'message', { signal: AbortSignal.timeout(10_000) })) as [
    Buffer,
    RemoteInfo,
  ];
  return { text: bytes.toString('latin1'), source };
}

const message = registerText();

describe('UDP', () => {
  it('X3: an answer comes from the address that was asked, with two listeners', async () => {
    const sink = new RecordingSink();
    sink.answer = (_text, flow) => flow.send(latin1('SIP/2.0 200 OK\r\n\r\n'));
    const listeners = [await listen(sink), await listen(sink)];
    const phone = await openPhone();
    for (const listener of listeners) {
      const answer = nextDatagram(phone);
      phone.send(message, listener.address.port, '127.0.0.1');
      const { text, source } = await answer;
      expect(text).toBe('SIP/2.0 200 OK\r\n\r\n');
      expect(source.port).toBe(listener.address.port);
      expect(listener.stats).toMatchObject({
        datagramsReceived: 1,
        datagramsSent: 1,
        bytesReceived: message.length,
      });
    }
  });

  it('X4: without rport the answer goes to the sent-by port, from the same socket', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = await openPhone();
    const sentBy = await openPhone();
    const via = parseVia(`SIP/2.0/UDP 127.0.0.1:${sentBy.address().port};branch=z9hG4bKa`);
    sink.answer = (_text, flow) => flow.sendTo?.(responseTarget(via, flow.remote, false), latin1('answer'));
    const answer = nextDatagram(sentBy);
    phone.send(message, listener.address.port, '127.0.0.1');
    const { text, source } = await answer;
    expect(text).toBe('answer');
    expect(source.port).toBe(listener.address.port);
  });

  it('a flow is found again by its token and still reaches the phone', async () => {
    const sink = new RecordingSink();
    const flows = new FlowTable();
    const listener = await listen(sink, '127.0.0.1', { flows });
    const phone = await openPhone();
    phone.send(message, listener.address.port, '127.0.0.1');
    await sink.until(() => sink.messages.length === 1);
    const { flow } = sink;
    expect(flow).toMatchObject({ transport: 'udp', reliable: false, open: true, local: listener.address });
    expect(flow.remote).toEqual({ host: '127.0.0.1', port: phone.address().port });
    const later = nextDatagram(phone);
    flows.find(flow.flowToken)?.send(latin1('later'));
    expect((await later).text).toBe('later');
    await listener.close();
    expect(flow.open).toBe(false);
    expect(flows.find(flow.flowToken)).toBeUndefined();
    flow.send(latin1('too late'));
    expect(listener.stats.dropped['send-closed']).toBe(1);
  });

  it('M16: leading CRLFs are cut off; OB10: a keep-alive on UDP gets no answer; garbage is counted', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = await openPhone();
    for (const bytes of [
      latin1('\r\n\r\n'),
      Buffer.alloc(4),
      Buffer.alloc(200, 0xff),
      latin1('hi'),
      latin1('\r\n\r\n' + message),
    ]) {
      phone.send(bytes, listener.address.port, '127.0.0.1');
    }
    await sink.until(() => sink.messages.length === 1);
    expect(sink.messages[0]?.text).toBe(message);
    expect(listener.stats.dropped).toMatchObject({ 'keep-alive': 2, garbage: 1, 'too-short': 1 });
    expect(listener.stats.datagramsSent).toBe(0);
  });

  it('STUN goes to its own handler, or is counted', async () => {
    const request = Buffer.alloc(20);
    request.writeUInt32BE(0x2112a442, 4);
    const phone = await openPhone();
    const sink = new RecordingSink();
    const deaf = await listen(sink);
    const answering = await listen(sink, '127.0.0.1', { onStun: (bytes, flow) => flow.send(bytes) });
    const answer = nextDatagram(phone);
    phone.send(request, deaf.address.port, '127.0.0.1');
    phone.send(request, answering.address.port, '127.0.0.1');
    expect((await answer).text).toHaveLength(20);
    phone.send(message, deaf.address.port, '127.0.0.1');
    await sink.until(() => sink.messages.length === 1);
    expect(deaf.stats.dropped.stun).toBe(1);
  });

  it('X11: a datagram of the largest size arrives whole', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = await openPhone();
    const big = registerText({ rows: `X-Big: ${'x'.repeat(65_000)}\r\n` });
    phone.send(big, listener.address.port, '127.0.0.1');
    await sink.until(() => sink.messages.length === 1);
    expect(sink.messages[0]?.text).toBe(big);
  });

  it('T13: what cannot be sent is counted and never thrown', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = await openPhone();
    phone.send(message, listener.address.port, '127.0.0.1');
    await sink.until(() => sink.messages.length === 1);
    const { flow } = sink;
    flow.sendTo?.({ host: 'example.com', port: 5060 }, latin1('a name is never resolved'));
    flow.sendTo?.({ host: '127.0.0.1', port: 0 }, latin1('x'));
    expect(listener.stats.dropped['send-not-an-address']).toBe(2);
    flow.send(Buffer.alloc(70_000));
    const next = nextDatagram(phone);
    flow.send(latin1('still there'));
    expect((await next).text).toBe('still there');
    expect(listener.stats.dropped['send-failed']).toBe(1);
  });

  it('stopped, it drops requests and still answers', async () => {
    const sink = new RecordingSink();
    const listener = await listen(sink);
    const phone = await openPhone();
    phone.send(message, listener.address.port, '127.0.0.1');
    await sink.until(() => sink.messages.length === 1);
    listener.stop();
    phone.send(message, listener.address.port, '127.0.0.1');
    const answer = nextDatagram(phone);
    // Through the kernel after the datagram before it, and so a sign that it was handled.
    sink.flow.sendTo?.(listener.address, latin1(message));
    sink.flow.send(latin1('answer'));
    await answer;
    expect(sink.messages).toHaveLength(1);
    await listener.close();
    await listener.close();
  });

  it('IPv6, and IPv4 on a dual-stack socket shown as IPv4', async () => {
    const sink = new RecordingSink();
    sink.answer = (_text, flow) => flow.send(latin1('answer'));
    const listener = await listen(sink, '::');
    for (const [type, host] of [
      ['udp6', '::1'],
      ['udp4', '127.0.0.1'],
    ] as const) {
      const phone = await openPhone(type);
      const answer = nextDatagram(phone);
      phone.send(message, listener.address.port, host);
      expect((await answer).text).toBe('answer');
      expect(sink.flow.remote).toEqual({ host, port: phone.address().port });
    }
  });

  it('refuses a name, and an address in use', async () => {
    const sink = new RecordingSink();
    await expect(listenUdp({ host: 'localhost', port: 0 }, sink)).rejects.toThrow(TypeError);
    const listener = await listen(sink);
    await expect(listenUdp(listener.address, sink)).rejects.toThrow('EADDRINUSE');
  });
});
