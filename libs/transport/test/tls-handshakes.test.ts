import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { failureOf } from '../src/handshake-failure.ts';
import { type ClientCertificates, listenTls, type StreamListener, TlsAcceptor } from '../src/index.ts';
import { RecordingSink } from './recording-sink.ts';

let authority: TestAuthority;
let own: IssuedCertificate;
const cleanUps: (() => unknown)[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  own = await authority.issue({ dns: ['example.com'] });
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A listener, and what its acceptor tells of handshakes. */
async function listen(ask: ClientCertificates = 'none', handshakeTimeoutMs = 10_000) {
  const seen: { durations: number[]; failures: string[] } = { durations: [], failures: [] };
  const identity = { keyPairs: [own], ...(ask === 'none' ? {} : { clientCa: authority.cert }) };
  const acceptor = new TlsAcceptor(identity, ask, {
    onSecure: (elapsedMs) => seen.durations.push(elapsedMs),
    onFailed: (failure) => seen.failures.push(failure),
  });
  const listener = await listenTls({ host: '127.0.0.1', port: 0 }, new RecordingSink(), acceptor, {
    limits: { handshakeTimeoutMs },
  });
  cleanUps.push(() => listener.close());
  return { listener, seen };
}

function dial(listener: StreamListener, options: ConnectionOptions = {}) {
  const socket = connect({
    host: '127.0.0.1',
    port: listener.address.port,
    ca: authority.cert,
    servername: 'example.com',
    ...options,
  });
  socket.on('error', () => undefined).resume();
  cleanUps.push(() => socket.destroy());
  return socket;
}

/** A peer that speaks something else, or nothing. */
function say(listener: StreamListener, text: string) {
  const socket = connectTcp(listener.address.port, '127.0.0.1', () => socket.write(text));
  socket.on('error', () => undefined).resume();
  cleanUps.push(() => socket.destroy());
  return socket;
}

describe('handshakes of TLS', () => {
  it('are measured once they are done', async () => {
    const { listener, seen } = await listen();
    await once(dial(listener), 'secureConnect');
    await once(dial(listener), 'secureConnect');
    await expect.poll(() => seen.durations.length).toBe(2);
    for (const elapsedMs of seen.durations) expect(elapsedMs).toBeGreaterThan(0);
    expect(seen.failures).toEqual([]);
  });

  it.each<[string, string, (listener: StreamListener) => unknown, ClientCertificates?]>([
    ['SIP without TLS', 'not_tls', (listener) => say(listener, 'REGISTER sip:example.com SIP/2.0\r\n')],
    ['HTTP without TLS', 'not_tls', (listener) => say(listener, 'GET / HTTP/1.1\r\n\r\n')],
    ['garbage', 'not_tls', (listener) => say(listener, '\u0016\u0016\u0016\u0016\u0016\u0016\u0016')],
    ['a client that goes', 'unfinished', (listener) => say(listener, '\u0016').once('connect', hangUp)],
    ['TLS 1.1', 'version', (listener) => dial(listener, old)],
    [
      'a cipher that we lack',
      'cipher',
      (listener) => dial(listener, { ciphers: 'ARIA128-GCM-SHA256', maxVersion: 'TLSv1.2' }),
    ],
    ['no certificate of the client', 'client_certificate', (listener) => dial(listener), 'required'],
  ])('%s: %s', async (_what, failure, attempt, ask) => {
    const { listener, seen } = await listen(ask);
    attempt(listener);
    await expect.poll(() => seen.failures).toEqual([failure]);
    expect(seen.durations).toEqual([]);
  });

  it('tell a client that does not trust us by its alert', () => {
    // Node's own client finishes the handshake before it looks at the certificate; this is what that of OpenSSL causes.
    const alert = Object.assign(new Error('alert'), { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' });
    expect(failureOf(alert)).toBe('own_certificate');
    expect(failureOf(new Error('anything'))).toBe('other');
  });

  it('are unfinished where their time is over', async () => {
    const { listener, seen } = await listen('none', 100);
    say(listener, '');
    await expect.poll(() => seen.failures, { timeout: 10_000 }).toEqual(['unfinished']);
  });
});

function hangUp(this: Socket): void {
  this.resetAndDestroy();
}

const old: ConnectionOptions = {
  minVersion: 'TLSv1.1',
  maxVersion: 'TLSv1.1',
  ciphers: 'DEFAULT:@SECLEVEL=0',
};
