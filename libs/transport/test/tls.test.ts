import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type ClientCertificates,
  listenTls,
  type StreamListener,
  type StreamOptions,
  TlsAcceptor,
  type TlsIdentity,
} from '../src/index.ts';
import { latin1, registerText } from './messages.ts';
import { Phone } from './phone.ts';
import { RecordingSink } from './recording-sink.ts';

const message = registerText();
const ok = 'SIP/2.0 200 OK\r\n\r\n';

let authority: TestAuthority;
let own: IssuedCertificate;
let other: IssuedCertificate;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  own = await authority.issue({ dns: ['example.com'], uris: ['sip:example.com'] });
  other = await authority.issue({ dns: ['other.example'] });
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

interface Given {
  readonly identity?: TlsIdentity;
  readonly ask?: ClientCertificates;
  readonly options?: StreamOptions;
}

async function listen(
  given: Given = {},
): Promise<{ listener: StreamListener; acceptor: TlsAcceptor; sink: RecordingSink }> {
  const sink = new RecordingSink();
  sink.answer = (_text, flow) => flow.send(latin1(ok));
  const acceptor = new TlsAcceptor(given.identity ?? { keyPairs: [own, other] }, given.ask);
  const listener = await listenTls({ host: '127.0.0.1', port: 0 }, sink, acceptor, given.options);
  cleanUps.push(() => listener.close());
  return { listener, acceptor, sink };
}

async function dial(listener: StreamListener, options: ConnectionOptions = {}): Promise<Phone> {
  const socket = connect({
    host: '127.0.0.1',
    port: listener.address.port,
    ca: authority.cert,
    servername: 'example.com',
    ...options,
  });
  cleanUps.push(async () => socket.destroy());
  await once(socket, 'secureConnect', { signal: AbortSignal.timeout(10_000) });
  return new Phone(socket);
}

function namesShown(phone: Phone): string | undefined {
  return (phone.socket as TLSSocket).getPeerX509Certificate()?.subjectAltName;
}

describe('TLS', () => {
  it('X7: is framed as TCP is, and answered on the same connection', async () => {
    const { listener, sink } = await listen();
    const phone = await dial(listener);
    phone.socket.write(message + message.slice(0, 50));
    await phone.until((text) => text === ok);
    phone.socket.write(message.slice(50));
    await phone.until((text) => text === ok + ok);
    expect(sink.flow).toMatchObject({
      transport: 'tls',
      reliable: true,
      framing: 'stream',
      local: listener.address,
    });
    expect(sink.flow.remote.port).toBe(phone.socket.localPort);
    expect(sink.flow.peerDomains).toBeUndefined();
    phone.socket.end();
    await sink.until(() => sink.closed.length === 1);
    expect(sink.closed).toEqual(['peer-closed']);
  });

  it('TL2: shows the certificate of the name that is asked for, else the first', async () => {
    const { listener } = await listen();
    expect(namesShown(await dial(listener))).toContain('DNS:example.com');
    expect(namesShown(await dial(listener, { servername: 'OTHER.example' }))).toBe('DNS:other.example');
    const unknown = { servername: 'unknown.example', checkServerIdentity: () => undefined };
    expect(namesShown(await dial(listener, unknown))).toContain('DNS:example.com');
    const nameless = { servername: '', checkServerIdentity: () => undefined };
    expect(namesShown(await dial(listener, nameless))).toContain('DNS:example.com');
  });

  it('TL4: speaks nothing older than TLS 1.2', async () => {
    const { listener } = await listen();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await expect(dial(listener, old)).rejects.toThrow(/protocol version/i);
    await dial(listener, { maxVersion: 'TLSv1.2' });
    await expect.poll(() => listener.stats.dropped['handshake-failed']).toBe(1);
  });

  it('resumes a session by its ticket', async () => {
    const { listener } = await listen();
    for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
      const first = await dial(listener, { maxVersion });
      first.socket.write(message);
      await first.until((text) => text === ok);
      const session = (first.socket as TLSSocket).getSession();
      const again = await dial(listener, { maxVersion, ...(session && { session }) });
      expect((again.socket as TLSSocket).isSessionReused(), maxVersion).toBe(true);
    }
  });

  it('uses another certificate from the next handshake on; a bad one changes nothing', async () => {
    const { listener, acceptor } = await listen({ identity: { keyPairs: [own] } });
    const before = await dial(listener);
    const renewed = await authority.issue({ dns: ['example.com', 'new.example.com'] });
    acceptor.replace({ keyPairs: [renewed] });
    expect(acceptor.certificates.map(({ names }) => names)).toEqual([['example.com', 'new.example.com']]);
    expect(namesShown(await dial(listener))).toContain('new.example.com');
    before.socket.write(message);
    await before.until((text) => text === ok);
    for (const [bad, why] of [
      [{ cert: own.cert, key: other.key }, 'does not belong'],
      [{ cert: 'x', key: own.key }, 'no certificate'],
      [{ cert: own.cert, key: 'x' }, 'no private key'],
    ] as const)
      expect(() => acceptor.replace({ keyPairs: [bad] })).toThrow(why);
    expect(namesShown(await dial(listener))).toContain('new.example.com');
  });

  it('TL3: knows a peer by its certificate; one that proves nothing proves no domain', async () => {
    const stranger = await TestAuthority.create('Stranger');
    const { listener, sink } = await listen({
      identity: { keyPairs: [own], clientCa: authority.cert },
      ask: 'optional',
    });
    const peer = await authority.issue({ uris: ['sip:Peer.example'], dns: ['host.peer.example'] });
    for (const [shown, expected] of [
      [peer, ['peer.example']],
      [await stranger.issue({ uris: ['sip:peer.example'] }), undefined],
      [await authority.issue({ dns: ['peer.example'], notAfter: new Date(Date.now() - 60_000) }), undefined],
      [{}, undefined],
    ] as const) {
      const phone = await dial(listener, shown);
      phone.socket.write(message);
      await phone.until((text) => text === ok);
      expect(sink.flow.peerDomains).toEqual(expected);
    }
  });

  it('TL3: insists on a good certificate where it is required', async () => {
    const { listener, sink } = await listen({
      identity: { keyPairs: [own], clientCa: authority.cert },
      ask: 'required',
    });
    const nobody = await dial(listener).catch(() => undefined);
    await nobody?.closed();
    const phone = await dial(listener, await authority.issue({ uris: ['sip:peer.example'] }));
    phone.socket.write(message);
    await phone.until((text) => text === ok);
    expect(sink.opened).toHaveLength(1);
    await expect.poll(() => listener.stats.dropped['handshake-failed']).toBe(1);
  });

  it('X14: a handshake that is not finished is closed in time, and counts meanwhile', async () => {
    const { listener, sink } = await listen({
      options: { limits: { handshakeTimeoutMs: 400, connections: 2 } },
    });
    const silent = connectTcp(listener.address.port, '127.0.0.1');
    const dripping = connectTcp(listener.address.port, '127.0.0.1');
    const drip = setInterval(() => dripping.write(Buffer.from([22])), 20);
    const closings = [silent, dripping].map(async (socket) => {
      socket.on('error', () => undefined).resume();
      await once(socket, 'connect');
      await once(socket, 'close');
    });
    await Promise.all([silent, dripping].map((socket) => once(socket, 'connect')));
    await expect(dial(listener)).rejects.toThrow();
    expect(listener.stats.dropped['connection-limit']).toBe(1);
    await Promise.all(closings);
    clearInterval(drip);
    // What drips is no TLS, and may be found out before its time is over.
    const { dropped } = listener.stats;
    await expect.poll(() => dropped['handshake-timeout'] + dropped['handshake-failed']).toBe(2);
    expect(dropped['handshake-timeout']).toBeGreaterThan(0);
    expect(sink.opened).toHaveLength(0);
    await dial(listener);
  });

  it('closes what is in its handshake too', async () => {
    const { listener } = await listen();
    const silent = connectTcp(listener.address.port, '127.0.0.1');
    silent.on('error', () => undefined).resume();
    await once(silent, 'connect');
    const phone = await dial(listener);
    await listener.close();
    await phone.closed();
    if (!silent.closed) await once(silent, 'close');
    expect(listener.stats.dropped['handshake-failed']).toBe(0);
  });
});
