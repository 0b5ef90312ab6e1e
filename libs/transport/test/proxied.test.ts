import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  type HostPort,
  listenTcp,
  listenTls,
  listenWebSocket,
  type ProxyError,
  type StreamListener,
  type StreamOptions,
  TlsAcceptor,
  WebSocketAcceptor,
} from '../src/index.ts';
import { latin1, registerText } from './messages.ts';
import { Phone } from './phone.ts';
import { RecordingSink } from './recording-sink.ts';

const message = registerText();
const ok = 'SIP/2.0 200 OK\r\n\r\n';
const line = 'PROXY TCP4 203.0.113.7 198.51.100.1 40000 5060\r\n';
const binary = Buffer.from('0d0a0d0a000d0a515549540a2111000ccb007107c63364019c4013c4', 'hex');
const local = Buffer.from('0d0a0d0a000d0a515549540a20000000', 'hex');
const client = { host: '203.0.113.7', port: 40_000 };
const transports = ['tcp', 'tls', 'ws', 'wss'] as const;

let authority: TestAuthority;
let own: IssuedCertificate;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  own = await authority.issue({ dns: ['example.com'] });
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Given extends StreamOptions {
  readonly transport?: (typeof transports)[number];
  readonly trusted?: string;
}

async function listen({ transport = 'tcp', trusted = '127.0.0.1', ...others }: Given = {}): Promise<{
  listener: StreamListener;
  sink: RecordingSink;
  errors: { error: ProxyError; peer: HostPort }[];
}> {
  const sink = new RecordingSink();
  sink.answer = (_text, flow) => flow.send(latin1(ok));
  const errors: { error: ProxyError; peer: HostPort }[] = [];
  const options: StreamOptions = {
    ...others,
    proxies: { trusts: (host) => host === trusted, onError: (error, peer) => errors.push({ error, peer }) },
  };
  const address = { host: '127.0.0.1', port: 0 };
  const tls = new TlsAcceptor({ keyPairs: [own] });
  const webSocket = new WebSocketAcceptor({ messageBytes: 65_535 });
  const listener = await {
    tcp: () => listenTcp(address, sink, options),
    tls: () => listenTls(address, sink, tls, options),
    ws: () => listenWebSocket(address, sink, { webSocket }, options),
    wss: () => listenWebSocket(address, sink, { webSocket, tls }, options),
  }[transport]();
  cleanUps.push(() => listener.close());
  return { listener, sink, errors };
}

async function dial({ address }: StreamListener): Promise<Socket> {
  const socket = connect({ host: address.host, port: address.port, noDelay: true });
  await once(socket, 'connect');
  cleanUps.push(async () => socket.destroy());
  return socket;
}

/** Sends a message by what runs on the socket: nothing, TLS, a WebSocket, or both. */
async function sendOver(transport: (typeof transports)[number], socket: Socket): Promise<void> {
  const secured =
    transport === 'tls' || transport === 'wss'
      ? connectTls({ socket, servername: 'example.com', ca: authority.cert })
      : socket;
  if (transport === 'tcp' || transport === 'tls') {
    secured.write(message);
    return;
  }
  const webSocket = new WebSocket('ws://example.com/', 'sip', { createConnection: () => secured });
  await once(webSocket, 'open');
  webSocket.send(message);
}

describe.each(transports)('a %s listener behind a proxy', (transport) => {
  it.each([
    ['version 1', latin1(line)],
    ['version 2', binary],
  ])('takes the client from the header, %s, that comes before all else', async (_version, header) => {
    const { listener, sink } = await listen({ transport });
    const socket = await dial(listener);
    socket.write(header);
    await sendOver(transport, socket);
    await sink.until(() => sink.messages.length === 1);
    expect(sink.flow).toMatchObject({ transport, remote: client });
    expect(sink.flow.local).toEqual(listener.address);
  });

  it('takes it apart, byte by byte', async () => {
    const { listener, sink } = await listen({ transport });
    const socket = await dial(listener);
    for (const byte of binary) {
      socket.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await sendOver(transport, socket);
    await sink.until(() => sink.messages.length === 1);
    expect(sink.flow.remote).toEqual(client);
  });

  it('is the peer itself where the proxy speaks for itself, and for whoever is no proxy', async () => {
    const { listener, sink } = await listen({ transport });
    const socket = await dial(listener);
    socket.write(local);
    await sendOver(transport, socket);
    await sink.until(() => sink.messages.length === 1);
    expect(sink.flow.remote).toEqual({ host: '127.0.0.1', port: socket.localPort });

    const direct = await listen({ transport, trusted: '192.0.2.1' });
    const other = await dial(direct.listener);
    await sendOver(transport, other);
    await direct.sink.until(() => direct.sink.messages.length === 1);
    expect(direct.sink.flow.remote).toEqual({ host: '127.0.0.1', port: other.localPort });
  });

  it.each([
    ['version 1', latin1(line)],
    ['version 2', binary],
  ])('believes no header, %s, of anybody else', async (_version, header) => {
    const { listener, sink, errors } = await listen({ transport, trusted: '192.0.2.1' });
    const phone = new Phone(await dial(listener));
    phone.socket.end(Buffer.concat([header, latin1(message)]));
    await phone.closed();
    expect(sink.messages.map(({ text }) => text)).not.toContain(message);
    expect(
      [...sink.opened, ...sink.messages.map(({ flow }) => flow)].map(({ remote }) => remote.host),
    ).not.toContain(client.host);
    expect(errors).toEqual([]);
  });
});

describe('a listener behind a proxy', () => {
  it('takes header and messages in one segment, and answers', async () => {
    const { listener, sink } = await listen();
    const phone = new Phone(await dial(listener));
    phone.socket.end(Buffer.concat([binary, latin1(message + message)]));
    expect(await phone.until((text) => text.length >= 2 * ok.length)).toBe(ok + ok);
    expect(sink.messages.map(({ text }) => text)).toEqual([message, message]);
    await phone.closed();
    expect(sink.closed).toEqual(['peer-closed']);
  });

  it.each([
    ['absent', latin1(message)],
    ['malformed', latin1('PROXY TCP4 nobody nowhere 1 2\r\n')],
    ['too-long', latin1(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
    ['no-address', Buffer.from('0d0a0d0a000d0a515549540a21000000', 'hex')],
  ] as const)('closes what has no good header: %s', async (error, bytes) => {
    const { listener, sink, errors } = await listen();
    const phone = new Phone(await dial(listener));
    const peer = { host: '127.0.0.1', port: phone.socket.localPort };
    phone.socket.write(bytes);
    await phone.closed();
    expect(phone.received).toBe('');
    expect(sink.opened).toEqual([]);
    expect(errors).toEqual([{ error, peer }]);
    expect(listener.stats.proxyErrors[error]).toBe(1);
    expect(listener.stats.dropped['handshake-failed']).toBe(0);
  });

  it('waits for the rest of a header for a time only', async () => {
    const { listener, errors } = await listen({ limits: { proxyHeaderTimeoutMs: 50 } });
    const phone = new Phone(await dial(listener));
    phone.socket.write(binary.subarray(0, 20));
    await phone.closed();
    expect(errors.map(({ error }) => error)).toEqual(['timeout']);
  });

  it('calls it an error where one leaves in the middle of a header, and not where it only looked', async () => {
    const { listener, errors } = await listen();
    const looking = new Phone(await dial(listener));
    looking.socket.end();
    await looking.closed();
    const resetting = await dial(listener);
    resetting.resetAndDestroy();
    const leaving = new Phone(await dial(listener));
    leaving.socket.end('PROXY TCP4');
    await leaving.closed();
    expect(errors.map(({ error }) => error)).toEqual(['incomplete']);
    expect(listener.stats.dropped['handshake-failed']).toBe(0);
  });

  it('counts connections by their clients, not by the proxy', async () => {
    const { listener, sink } = await listen({ limits: { connectionsPerSource: 1 } });
    const of = async (host: string) => {
      const phone = new Phone(await dial(listener));
      phone.socket.write(`PROXY TCP4 ${host} 198.51.100.1 40000 5060\r\n${message}`);
      return phone;
    };
    const first = await of('203.0.113.7');
    await first.until((text) => text === ok);
    const second = await of('203.0.113.8');
    await second.until((text) => text === ok);
    const third = await of('203.0.113.7');
    await third.closed();
    expect(listener.stats.dropped).toMatchObject({ 'source-limit': 1, 'handshake-failed': 0 });
    first.socket.end();
    await sink.until(() => sink.closed.length === 1);
    const fourth = await of('203.0.113.7');
    await fourth.until((text) => text === ok);
  });
});
