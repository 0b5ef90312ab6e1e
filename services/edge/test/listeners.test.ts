import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transport } from '@rollcall/rpc';
import type { SipAgent } from '@rollcall/testkit';
import { type IssuedCertificate, TestAuthority } from '@rollcall/testkit/certificates';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { credentials, Rig, register, registered } from './edge-rig.ts';
import { nextRequest } from './phone-messages.ts';

let authority: TestAuthority;
let own: IssuedCertificate;
let folder: string;
let rig: Rig;

beforeAll(async () => {
  authority = await TestAuthority.create();
  own = await authority.issue({ dns: ['example.com'] });
  folder = await mkdtemp(join(tmpdir(), 'rollcall-edge-'));
  await writeFile(join(folder, 'tls.crt'), own.cert);
  await writeFile(join(folder, 'tls.key'), own.key);
  await writeFile(join(folder, 'ca.crt'), authority.cert);
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => {
  rig = new Rig();
  rig.env = {
    EDGE_TLS_LISTEN: '127.0.0.1:0',
    EDGE_WS_LISTEN: '127.0.0.1:0',
    EDGE_WSS_LISTEN: '127.0.0.1:0',
    EDGE_TLS_CERT_FILE: join(folder, 'tls.crt'),
    EDGE_TLS_KEY_FILE: join(folder, 'tls.key'),
  };
});

afterEach(() => rig.stop());

const transports = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;

function agent(transport: (typeof transports)[number], own?: IssuedCertificate): SipAgent {
  return rig.agent(transport, 5000, { ca: authority.cert, serverName: 'example.com', ...own });
}

describe('the listeners of an edge', () => {
  it.each(transports)('answer over %s, and tell the registrar of the transport', async (transport) => {
    rig.register = async () => registered(['sip:alice@df7jal23ls0d.invalid;transport=ws']);
    await rig.start();
    const phone = agent(transport);
    const contact = await phone.contactFor('alice');
    const answer = await phone.request({ ...register, headers: [`Contact: ${contact}`, credentials] });
    expect(answer.status).toBe(200);
    expect(rig.registers[0]?.flow?.transport).toBe(Transport[transport.toUpperCase() as 'WS']);
    expect(rig.registers[0]?.contacts[0]?.uri).toBe(contact.slice(1, -1));
    const { body: text } = await rig.metrics.render();
    expect(text).toContain(
      `rollcall_sip_requests_received_total{method="REGISTER",transport="${transport}"} 1`,
    );
  });

  it('RFC 5630: calls of a sips contact come by TLS, and their dialog stays there', async () => {
    rig.env.EDGE_ADVERTISE = 'tls=edge-1.example.com:5061';
    rig.register = async () => registered([]);
    await rig.start();
    const phone = agent('tls');
    const contact = (await phone.contactFor('alice')).replace('<sip:', '<sips:');
    const headers = [`Contact: ${contact}`, credentials];
    await phone.request({ ...register, uri: 'sips:example.com', headers });
    const path = rig.registers[0]?.edgePath ?? '';
    expect(path).toMatch(/^<sips:[^@]+@edge-1\.example\.com:5061;lr>$/);
    const caller = agent('wss');
    const uri = contact.slice(1, -1);
    await caller.sendText(await caller.format({ method: 'INVITE', uri, headers: [`Route: ${path}`] }));
    const invite = await nextRequest(phone);
    expect(invite.requestUri).toBe(uri);
    expect(invite.recordRoute).toEqual([
      expect.stringMatching(/^<sips:[^@]+@edge-1\.example\.com:5061;lr>$/),
      expect.stringMatching(/^<sips:[^@]+@127\.0\.0\.1:\d+;transport=ws;lr>$/),
    ]);
  });

  it('measure handshakes of TLS, and count those that failed by reason', async () => {
    await rig.start();
    for (const transport of ['tls', 'wss'] as const)
      await agent(transport).request({ method: 'OPTIONS', uri: 'sip:example.com' });
    const plain = connect(rig.addressOf('tls').port, '127.0.0.1', () => plain.write('no TLS at all\r\n'));
    plain.on('error', () => undefined).resume();
    await once(plain, 'close');
    const { body: text } = await rig.metrics.render();
    for (const transport of ['tls', 'wss'])
      expect(text).toContain(`rollcall_tls_handshake_duration_seconds_count{transport="${transport}"} 1`);
    const failures = 'rollcall_tls_handshake_failures_total';
    expect(text).toContain(`${failures}{transport="tls",reason="not_tls"} 1`);
    expect(text).toContain(`${failures}{transport="wss",reason="not_tls"} 0`);
  });

  it('X13: a WebSocket message needs no Content-Length', async () => {
    await rig.start();
    const phone = agent('ws');
    const text = await phone.format({ method: 'OPTIONS', uri: 'sip:example.com', body: 'anything' });
    await phone.sendText(text.replace(/Content-Length: \d+\r\n/, ''));
    expect(await phone.nextMessage()).toMatchObject({ status: 200 });
  });

  it('say how long the certificate is good, and have series of what they listen on only', async () => {
    rig.env.EDGE_WSS_LISTEN = '';
    await rig.start();
    const { body: text } = await rig.metrics.render();
    const until = /rollcall_tls_certificate_not_after_timestamp_seconds\{usage="sip"\} (\S+)/.exec(text)?.[1];
    expect(Number(until) * 1000).toBeGreaterThan(Date.now());
    expect(text).toContain('rollcall_connections_limit{transport="tls"} 50000');
    expect(text).not.toContain('transport="wss"');
  });
});

describe('the receive buffer of UDP', () => {
  it('is as large as asked for, where the system allows it', async () => {
    rig.env.EDGE_UDP_RECEIVE_BUFFER = '65536';
    await rig.start();
    expect(rig.warnings).toEqual([]);
  });

  it('is smaller where the system does not, and the log says how much', async () => {
    const asked = 1_073_741_824;
    rig.env.EDGE_UDP_RECEIVE_BUFFER = String(asked);
    await rig.start();
    expect(rig.warnings).toEqual([
      {
        fields: { listener: `127.0.0.1:${rig.ports.udp}`, asked, granted: expect.any(Number) },
        text: expect.stringContaining('net.core.rmem_max'),
      },
    ]);
    const limit = Number(await readFile('/proc/sys/net/core/rmem_max', 'latin1').catch(() => '0'));
    // Not Linux, or a network namespace without it.
    if (limit > 0) expect(rig.warnings[0]?.fields).toMatchObject({ granted: limit });
  });
});

describe('the configuration of TLS', () => {
  it.each([
    [{ EDGE_TLS_CERT_FILE: '' }, 'EDGE_TLS_CERT_FILE is empty, but EDGE_TLS_LISTEN needs it'],
    [
      { EDGE_TLS_LISTEN: '', EDGE_TLS_KEY_FILE: '' },
      'EDGE_TLS_KEY_FILE is empty, but EDGE_WSS_LISTEN needs it',
    ],
    [{ EDGE_TLS_KEY_FILE: '/nowhere/tls.key' }, 'must name a readable file (ENOENT)'],
    [{ EDGE_TLS_CERT_FILE: 'a,b' }, 'must name as many files: it has 1 for 2'],
    [{ EDGE_WS_PATH: 'sip' }, 'must be a path'],
    [{ EDGE_TLS_CLIENT_CERT: 'maybe' }, 'must be one of optional, required'],
  ])('%j: %s', async (env, problem) => {
    rig.env = { ...rig.env, ...env };
    await expect(rig.start()).rejects.toThrow(problem);
  });

  it('refuses a key that is not that of the certificate, and says which files', async () => {
    const path = join(folder, 'other.key');
    await writeFile(path, (await authority.issue({ dns: ['other.example'] })).key);
    rig.env.EDGE_TLS_KEY_FILE = path;
    await expect(rig.start()).rejects.toThrow(
      /tls\.crt with EDGE_TLS_KEY_FILE=.*other\.key\n.*the key does not belong/,
    );
  });
});
