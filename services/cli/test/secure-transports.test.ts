import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateWish, TestAuthority } from '@rollcall/testkit/certificates';
import {
  formatHostPort,
  listenTls,
  listenWebSocket,
  type MessageSink,
  type StreamListener,
  TlsAcceptor,
  WebSocketAcceptor,
} from '@rollcall/transport';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runRollcall } from './run-rollcall.ts';

let authority: TestAuthority;
let folder: string;
let listener: StreamListener | undefined;
let heard: string[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  folder = await mkdtemp(join(tmpdir(), 'rollcall-cli-'));
  await writeFile(join(folder, 'ca.crt'), authority.cert);
});

afterAll(() => rm(folder, { recursive: true }));

afterEach(async () => {
  await listener?.close();
  listener = undefined;
  heard = [];
});

/** A server that answers 200 to everything. */
const server: MessageSink = {
  onMessage: (bytes, flow) => {
    const text = bytes.toString('latin1');
    heard.push(text);
    const rows = text.split('\r\n').filter((row) => /^(Via|From|To|Call-ID|CSeq):/.test(row));
    const answer = ['SIP/2.0 200 OK', ...rows, 'Content-Length: 0', '', ''].join('\r\n');
    flow.send(Buffer.from(answer.replace(/\r\nTo: ([^\r]*)/, '\r\nTo: $1;tag=t'), 'latin1'));
  },
  onFramingError: () => undefined,
};

async function start(transport: 'tls' | 'ws' | 'wss', wish: CertificateWish): Promise<string> {
  const tls = new TlsAcceptor({ keyPairs: [await authority.issue(wish)] });
  const webSocket = new WebSocketAcceptor({ messageBytes: 65_535 });
  const any = { host: '127.0.0.1', port: 0 };
  if (transport === 'tls') listener = await listenTls(any, server, tls);
  else listener = await listenWebSocket(any, server, transport === 'ws' ? { webSocket } : { webSocket, tls });
  return formatHostPort(listener.address);
}

function options(transport: string, address: string, ...more: string[]) {
  return runRollcall([
    'options',
    'sip:alice@example.com',
    '--transport',
    transport,
    '--server',
    address,
    ...more,
  ]);
}

const trusting = () => ['--ca', join(folder, 'ca.crt')];

describe('rollcall over TLS', () => {
  it.each([
    ['a sip URI of the domain', { uris: ['sip:Example.com'], dns: ['host.example.net'] }],
    ['a DNS name', { dns: ['example.com'], commonName: 'other.example' }],
    ['a common name and nothing else', { commonName: 'example.com' }],
  ])('TL1: takes a certificate with %s', async (_, wish) => {
    const { exitCode, out } = await options('tls', await start('tls', wish), ...trusting());
    expect(out).toContain('200 OK');
    expect(exitCode).toBe(0);
    expect(heard[0]).toMatch(/\r\nVia: SIP\/2.0\/TLS 127\.0\.0\.1:\d+;/);
    expect(heard[0]).toMatch(/\r\nContact: <sip:rollcall@127\.0\.0\.1:\d+;transport=tls>/);
  });

  it.each([
    ['a wildcard', { dns: ['*.com'] }],
    ['a suffix', { dns: ['com'] }],
    ['a longer name', { dns: ['foo.example.com'] }],
    ['a DNS name beside a sip URI of another domain', { uris: ['sip:other.example'], dns: ['example.com'] }],
    ['a user of the domain', { uris: ['sip:alice@example.com'] }],
    ['a common name beside other names', { commonName: 'example.com', dns: ['other.example'] }],
  ])('TL1: refuses one with %s, and sends nothing', async (_, wish) => {
    const { exitCode, err } = await options('tls', await start('tls', wish), ...trusting());
    expect(err).toMatch(/its certificate is for .*, not for example\.com/);
    expect(exitCode).toBe(3);
    expect(heard).toEqual([]);
  });

  it('TL1: refuses one that nobody trusted has signed, unless told to trust all, which it says', async () => {
    const address = await start('tls', { dns: ['example.com'] });
    const refused = await options('tls', address);
    expect(refused.err).toMatch(
      /cannot be trusted: its certificate was signed by nobody known here \([^;]*\); .*--ca/,
    );
    expect(refused.exitCode).toBe(3);
    const trusted = await options('tls', address, '--insecure');
    expect(trusted.exitCode).toBe(0);
    expect(trusted.err).toContain('WARNING: --insecure');
    expect((await options('tls', address, '--insecure', ...trusting())).exitCode).toBe(2);
  });

  it('asks for another name where it is told to, and says which file cannot be read', async () => {
    const address = await start('tls', { dns: ['edge.example.net'] });
    expect((await options('tls', address, '--server-name', 'edge.example.net', ...trusting())).exitCode).toBe(
      0,
    );
    const { err, exitCode } = await options('tls', address, '--ca', '/nowhere/ca.crt');
    expect(err).toContain('the file "/nowhere/ca.crt" of --ca cannot be read');
    expect(exitCode).toBe(2);
  });
});

describe('rollcall over WebSocket', () => {
  it('has a name that no DNS knows', async () => {
    const { exitCode } = await options('ws', await start('ws', { dns: ['unused.example'] }));
    expect(exitCode).toBe(0);
    expect(heard[0]).toMatch(/\r\nVia: SIP\/2.0\/WS rollcall-[a-z0-9-]+\.invalid;/);
    expect(heard[0]).toMatch(/\r\nContact: <sip:rollcall@rollcall-[a-z0-9-]+\.invalid;transport=ws>/);
  });

  it('over TLS goes by the rules of HTTPS, wildcards included', async () => {
    const wild = await start('wss', { dns: ['*.example.net'] });
    expect((await options('wss', wild, '--server-name', 'edge.example.net', ...trusting())).exitCode).toBe(0);
    expect(heard[0]).toMatch(/\r\nVia: SIP\/2.0\/WSS /);
    expect(heard[0]).toMatch(/;transport=ws>/);
    const refused = await options('wss', wild, ...trusting());
    expect(refused.exitCode).toBe(3);
  });

  it('says that nothing listens', async () => {
    const address = await start('ws', { dns: ['unused.example'] });
    await listener?.close();
    const { exitCode, err } = await options('ws', address);
    expect(err).toContain('nothing listens there');
    expect(exitCode).toBe(3);
  });
});
