import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { afterEach, describe, expect, it } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import {
  listenWebSocket,
  type StreamListener,
  type StreamOptions,
  TlsAcceptor,
  WebSocketAcceptor,
  type WebSocketPolicy,
} from '../src/index.ts';
import { latin1, registerText } from './messages.ts';
import { Phone } from './phone.ts';
import { RecordingSink } from './recording-sink.ts';

const message = registerText({ via: 'SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bKa' });
const ok = 'SIP/2.0 200 OK\r\n\r\n';
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function listen(
  options: StreamOptions = {},
  policy: Partial<WebSocketPolicy> = {},
  tls?: TlsAcceptor,
): Promise<{ listener: StreamListener; sink: RecordingSink }> {
  const sink = new RecordingSink();
  sink.answer = (_text, flow) => flow.send(latin1(ok));
  const webSocket = new WebSocketAcceptor({ messageBytes: 65_535, ...policy });
  const acceptors = tls === undefined ? { webSocket } : { webSocket, tls };
  const listener = await listenWebSocket({ host: '127.0.0.1', port: 0 }, sink, acceptors, options);
  cleanUps.push(() => listener.close());
  return { listener, sink };
}

/** A browser's end. */
class Browser {
  readonly socket: WebSocket;
  readonly received: { readonly text: string; readonly binary: boolean }[] = [];

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data, binary) =>
      this.received.push({ text: (data as Buffer).toString('latin1'), binary }),
    );
    socket.on('error', () => undefined);
  }

  async next(): Promise<{ readonly text: string; readonly binary: boolean }> {
    if (this.received.length === 0)
      await once(this.socket, 'message', { signal: AbortSignal.timeout(10_000) });
    const first = this.received.shift();
    if (first === undefined) throw new RangeError('nothing came');
    return first;
  }

  async closed(): Promise<number> {
    const [code] = await once(this.socket, 'close', { signal: AbortSignal.timeout(10_000) });
    return code as number;
  }
}

async function dial(
  listener: StreamListener,
  options: ClientOptions = {},
  path = '/',
  protocol: string[] = ['sip'],
): Promise<Browser> {
  const scheme = listener.transport;
  const socket = new WebSocket(`${scheme}://127.0.0.1:${listener.address.port}${path}`, protocol, options);
  cleanUps.push(async () => socket.terminate());
  const browser = new Browser(socket);
  await once(socket, 'open', { signal: AbortSignal.timeout(10_000) });
  return browser;
}

async function raw(listener: StreamListener): Promise<Phone> {
  const socket: Socket = connectTcp(listener.address.port, '127.0.0.1');
  await once(socket, 'connect');
  cleanUps.push(async () => socket.destroy());
  return new Phone(socket);
}

const upgrade = (rows: string) =>
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${rows}\r\n`;

/** A whole frame with a mask of zeros. */
function frame(firstByte: number, payload: string): Buffer {
  const head =
    payload.length < 126
      ? [firstByte, 0x80 | payload.length]
      : [firstByte, 0xfe, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), latin1(payload)]);
}

describe('WebSocket', () => {
  it('WS1: agrees on sip where it is offered, alone or among others, and answers 400 where not', async () => {
    const { listener } = await listen();
    const phone = await raw(listener);
    phone.socket.write(upgrade('Sec-WebSocket-Protocol: chat, sip\r\n'));
    const answer = await phone.until((text) => text.endsWith('\r\n\r\n'));
    expect(answer).toMatch(/^HTTP\/1.1 101 /);
    expect(answer).toContain('\r\nSec-WebSocket-Protocol: sip\r\n');
    for (const rows of ['', 'Sec-WebSocket-Protocol: chat\r\n', 'Sec-WebSocket-Protocol: SIP\r\n']) {
      const refused = await raw(listener);
      refused.socket.write(upgrade(rows));
      await refused.closed();
      expect(refused.received).toMatch(/^HTTP\/1.1 400 /);
    }
    await expect.poll(() => listener.stats.dropped['handshake-failed']).toBe(3);
  });

  it('WS1: answers what is no WebSocket handshake, and closes', async () => {
    const { listener } = await listen();
    for (const [request, status] of [
      ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 426],
      [upgrade('Sec-WebSocket-Protocol: sip\r\n').replace('Version: 13', 'Version: 7'), 400],
      [message, 400],
      [`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
    ] as const) {
      const phone = await raw(listener);
      phone.socket.write(request);
      await phone.closed();
      expect(phone.received.slice(0, 13)).toBe(`HTTP/1.1 ${status} `);
    }
  });

  it('lets in whom the policy lets in', async () => {
    const { listener } = await listen({}, { path: '/sip', origins: ['https://phone.example.com'] });
    const origin = 'https://phone.example.com';
    await dial(listener, { origin }, '/sip?x=1');
    await dial(listener, {}, '/sip');
    await expect(dial(listener, { origin: 'https://evil.example' }, '/sip')).rejects.toThrow('403');
    await expect(dial(listener, { origin }, '/other')).rejects.toThrow('404');
  });

  it('WS2: takes one SIP message a message, text or binary, in fragments, without Content-Length', async () => {
    const { listener, sink } = await listen();
    const browser = await dial(listener);
    browser.socket.send(message);
    browser.socket.send(Buffer.from(message), { binary: true });
    const bare = registerText({ length: '', body: 'the body' });
    browser.socket.send(bare.slice(0, 20), { fin: false });
    browser.socket.ping('between');
    browser.socket.send(bare.slice(20), { fin: true });
    for (let count = 0; count < 3; count += 1)
      expect(await browser.next()).toEqual({ text: ok, binary: false });
    expect(sink.messages.map(({ text }) => text)).toEqual([message, message, bare]);
    expect(sink.flow).toMatchObject({
      transport: 'ws',
      reliable: true,
      framing: 'datagram',
      local: listener.address,
    });
    expect(listener.stats).toMatchObject({ streamMessagesReceived: 3, streamMessagesSent: 3 });
  });

  it('WS2: sends as binary what is no UTF-8, and as text what is', async () => {
    const { listener, sink } = await listen();
    const browser = await dial(listener);
    sink.answer = (_text, flow) => {
      flow.send(latin1('\u00ff'));
      flow.send(Buffer.from('\u00ff'));
    };
    browser.socket.send(message);
    expect((await browser.next()).binary).toBe(true);
    expect((await browser.next()).binary).toBe(false);
  });

  it('WS4: answers pings of the WebSocket and those of RFC 5626', async () => {
    const { listener, sink } = await listen();
    const browser = await dial(listener);
    const pong = once(browser.socket, 'pong');
    browser.socket.ping('data');
    expect(String((await pong)[0])).toBe('data');
    browser.socket.send('\r\n');
    browser.socket.send('\r\n\r\n');
    expect(await browser.next()).toEqual({ text: '\r\n', binary: false });
    browser.socket.send(message);
    expect((await browser.next()).text).toBe(ok);
    expect(sink.messages).toHaveLength(1);
    expect(listener.stats).toMatchObject({ keepAlivesAnswered: 1, pingsAnswered: 1 });
  });

  it('X11: closes at a message that is too large, announced or in fragments', async () => {
    const { listener, sink } = await listen();
    const large = await dial(listener);
    large.socket.send(registerText({ rows: `X-Big: ${'x'.repeat(60_000)}\r\n` }));
    expect((await large.next()).text).toBe(ok);
    large.socket.send('x'.repeat(65_536));
    expect(await large.closed()).toBe(1009);
    const fragments = await dial(listener);
    for (let count = 0; count < 70; count += 1) fragments.socket.send('x'.repeat(1000), { fin: false });
    expect(await fragments.closed()).toBe(1009);
    await sink.until(() => sink.closed.length === 2);
    expect(sink.closed).toEqual(['framing-error', 'framing-error']);
    expect(sink.framingErrors).toEqual([undefined, undefined]);
  });

  it('a peer that breaks the protocol is closed, whether or not it closes too', async () => {
    const { listener, sink } = await listen({ limits: { lingerMs: 40 } });
    const phone = await raw(listener);
    phone.socket.write(upgrade('Sec-WebSocket-Protocol: sip\r\n'));
    await phone.until((text) => text.endsWith('\r\n\r\n'));
    phone.socket.write(Buffer.from([0x81, 5, 1, 2, 3, 4, 5]));
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['framing-error']);
  });

  it('X14: closes one without a message, one that drips, one that is silent', async () => {
    for (const [limits, reason, act] of [
      [{ firstMessageTimeoutMs: 60 }, 'no-message', (phone: Phone) => phone.socket.write(frame(0x89, ''))],
      [
        { messageTimeoutMs: 100 },
        'slow-message',
        // A ping within a message buys no time.
        (phone: Phone) => phone.socket.write(Buffer.concat([frame(0, 'x'), frame(0x89, '')])),
      ],
      [{ idleTimeoutMs: 60 }, 'idle', () => undefined],
    ] as const) {
      const { listener, sink } = await listen({ limits });
      const phone = await raw(listener);
      phone.socket.write(upgrade('Sec-WebSocket-Protocol: sip\r\n'));
      await phone.until((text) => text.endsWith('\r\n\r\n'));
      if (reason !== 'no-message') phone.socket.write(frame(0x81, message));
      if (reason === 'slow-message') phone.socket.write(frame(0x01, 'x'));
      const acting = setInterval(() => act(phone), 10);
      await phone.closed();
      clearInterval(acting);
      await sink.until(() => sink.closed.length === 1);
      expect(sink.closed).toEqual([reason]);
    }
  });

  it('X14: closes a handshake that drips', async () => {
    const { listener } = await listen({ limits: { handshakeTimeoutMs: 100 } });
    const phone = await raw(listener);
    phone.socket.write('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => phone.socket.write('X'), 10);
    await phone.closed();
    clearInterval(drip);
    await expect.poll(() => listener.stats.dropped['handshake-timeout']).toBe(1);
  });

  it('a peer that does not read is closed at the limit of the write queue, by pongs too', async () => {
    for (const pings of [false, true]) {
      const { listener, sink } = await listen({ limits: { writeQueueBytes: 100_000 } });
      const browser = await dial(listener);
      sink.answer = undefined;
      browser.socket.send(message);
      await sink.until(() => sink.messages.length === 1);
      browser.socket.pause();
      const { flow } = sink;
      if (pings) {
        const flood = Buffer.concat(new Array<Buffer>(2_000).fill(frame(0x89, 'x'.repeat(125))));
        const phone = await raw(listener);
        phone.socket.write(upgrade('Sec-WebSocket-Protocol: sip\r\n'));
        await phone.until((text) => text.endsWith('\r\n\r\n'));
        phone.socket.pause();
        const writing = setInterval(() => phone.socket.write(flood), 5);
        await sink.until(() => sink.closed.length === 1);
        clearInterval(writing);
      } else {
        let waiting = 0;
        for (let sent = 0; flow.open && sent < 10_000; sent += 1) {
          waiting = Math.max(waiting, listener.sendQueueBytes);
          flow.send(Buffer.alloc(10_000, 0x20));
        }
        expect(flow.open).toBe(false);
        expect(waiting).toBeGreaterThan(80_000);
        await sink.until(() => sink.closed.length === 1);
      }
      expect(sink.closed).toEqual(['slow-reader']);
    }
  });

  it('a WebSocket that its peer closes, or that breaks, is a flow no more', async () => {
    const { listener, sink } = await listen();
    const polite = await dial(listener);
    polite.socket.close(1001);
    expect(await polite.closed()).toBe(1001);
    await sink.until(() => sink.closed.length === 1);
    const broken = await dial(listener);
    broken.socket.terminate();
    await sink.until(() => sink.closed.length === 2);
    const flow = sink.opened[1];
    expect(flow?.open).toBe(false);
    flow?.send(latin1(ok));
    expect(listener.stats).toMatchObject({ connectionsOpen: 0, connectionsOpened: 2 });
    expect(listener.stats.dropped['send-closed']).toBe(1);
    const third = await dial(listener);
    await listener.close();
    await third.closed();
    expect(sink.closed.at(-1)).toBe('shutdown');
  });

  it('wss: the same over TLS', async () => {
    const authority = await TestAuthority.create();
    const own = await authority.issue({ ips: ['127.0.0.1'] });
    const { listener, sink } = await listen({}, {}, new TlsAcceptor({ keyPairs: [own] }));
    const browser = await dial(listener, { ca: authority.cert });
    browser.socket.send(message);
    expect((await browser.next()).text).toBe(ok);
    expect(sink.flow.transport).toBe('wss');
    expect(sink.flow.remote.port).toBeGreaterThan(0);
  });
});
