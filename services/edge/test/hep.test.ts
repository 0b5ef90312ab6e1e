import { spawn, spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTool } from '@rollcall/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Rig, registered } from './edge-rig.ts';

let rig: Rig;
beforeEach(() => {
  rig = new Rig();
});
afterEach(() => rig.stop());

function startRig(port: number, host = '127.0.0.1'): Promise<void> {
  return rig.start({ hepTarget: { host, port }, hepCaptureId: 4711, hepPassword: 'myHep' });
}

async function counted(outcome: string): Promise<number> {
  const { body } = await rig.metrics.render();
  return Number(new RegExp(`rollcall_hep_messages_total{outcome="${outcome}"} (\\d+)`).exec(body)?.[1]);
}

describe('a capture server that nobody here wrote (sngrep)', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-hep-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes each message: when, from where, to where, and with credentials masked', async () => {
    const [sngrep, tshark] = [await findTool('sngrep'), await findTool('tshark')];
    const port = await freeUdpPort();
    const capture = join(folder, 'captured.pcap');
    const settings = join(folder, 'sngreprc');
    writeFileSync(settings, 'set eep.listen.pass myHep\n');
    const server = spawn(
      sngrep,
      ['-F', '-f', settings, '-N', '-q', '-L', `udp:127.0.0.1:${port}`, '-O', capture],
      { stdio: 'ignore' },
    );
    try {
      await vi.waitFor(() => expect(existsSync(capture)).toBe(true), { timeout: 10_000 });
      await startRig(port);
      rig.register = async () => registered(['sip:alice@192.0.2.1']);
      const phone = rig.agent('udp');
      const { port: phonePort } = await phone.open();
      const digest =
        'username="alice", realm="example.com", nonce="n1", uri="sip:example.com", response="5ec2e7"';
      await phone.request({
        method: 'REGISTER',
        uri: 'sip:example.com',
        to: 'sip:alice@example.com',
        headers: [`Authorization: Digest ${digest}`],
      });
      await rig.agent('tcp').request({ method: 'OPTIONS', uri: 'sip:example.com' });
      const fields = ['sip.Request-Line', 'sip.Status-Code', 'ip.src', 'udp.srcport', 'udp.dstport'];
      const seen = await vi.waitFor(
        () => {
          const rows = read(tshark, capture, [...fields, 'frame.time_epoch']);
          expect(rows).toHaveLength(4);
          return rows;
        },
        { timeout: 20_000, interval: 200 },
      );
      expect(await counted('sent')).toBe(4);
      const edgePort = seen[0]?.[4] ?? '';
      expect(seen.map((row) => row.slice(0, 5))).toEqual([
        ['REGISTER sip:example.com SIP/2.0', '', '127.0.0.1', String(phonePort), edgePort],
        ['', '200', '127.0.0.1', edgePort, String(phonePort)],
        ['OPTIONS sip:example.com SIP/2.0', '', '127.0.0.1', expect.any(String), expect.any(String)],
        ['', '200', '127.0.0.1', expect.any(String), expect.any(String)],
      ]);
      const times = seen.map((row) => Number(row[5]));
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(Math.abs((times[0] ?? 0) - Date.now() / 1000)).toBeLessThan(60);
      const [authorization] = read(tshark, capture, ['sip.Authorization']).flat();
      expect(authorization).toBe(
        'Digest username="alice", realm="example.com", nonce=****, uri="sip:example.com", response=********',
      );
    } finally {
      server.kill('SIGKILL');
    }
  });
});

describe('copies of messages', () => {
  let server: Socket;
  let packets: Buffer[];
  beforeEach(async () => {
    server = createSocket('udp4');
    packets = [];
    server.on('message', (packet) => packets.push(packet));
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  });
  afterEach(() => server.close());

  it('are made of messages, not of keep-alives', async () => {
    await startRig(server.address().port);
    const phone = rig.agent('tcp');
    await phone.sendText('\r\n\r\n');
    await phone.nextText(5000);
    await rig.agent('udp').sendText('\r\n\r\n');
    await phone.request({ method: 'OPTIONS', uri: 'sip:example.com' });
    await vi.waitFor(async () => expect(await counted('sent')).toBe(2));
    await vi.waitFor(() => expect(packets).toHaveLength(2));
  });

  it('are made of what cannot be parsed too: it is what one looks for', async () => {
    await startRig(server.address().port);
    await rig.agent('udp').sendText('REGISTER nonsense\r\nAuthorization: Basic c2VjcmV0\r\n\r\n');
    await vi.waitFor(() => expect(packets).toHaveLength(1));
    expect(packets[0]?.toString('latin1')).toContain('Authorization: Basic ********\r\n');
  });

  it('are not made, and nothing is counted, where they are off', async () => {
    await rig.start();
    await rig.agent('udp').request({ method: 'OPTIONS', uri: 'sip:example.com' });
    expect(packets).toHaveLength(0);
    expect(await counted('sent')).toBe(0);
  });

  it('are lost where the name leads nowhere, and nothing else is', async () => {
    await startRig(server.address().port, 'capture.invalid');
    const response = await rig.agent('udp').request({ method: 'OPTIONS', uri: 'sip:example.com' });
    expect(response.status).toBe(200);
    expect(await counted('no_address')).toBe(2);
  });

  it('go to where a name leads', async () => {
    await startRig(server.address().port, 'localhost');
    await vi.waitFor(
      async () => {
        await rig.agent('udp').request({ method: 'OPTIONS', uri: 'sip:example.com' });
        expect(packets.length).toBeGreaterThan(0);
      },
      { timeout: 10_000 },
    );
  });
});

/** What tshark reads out of each packet. */
function read(tshark: string, file: string, fields: readonly string[]): string[][] {
  const asked = fields.flatMap((field) => ['-e', field]);
  // Whatever its port: all of it is SIP.
  const heuristic = ['--enable-heuristic', 'sip_udp'];
  const done = spawnSync(tshark, ['-r', file, ...heuristic, '-T', 'fields', '-E', 'separator=|', ...asked], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(done.stderr);
  const lines = done.stdout.replace(/\n$/, '').split('\n');
  return lines.map((line) => line.split('|'));
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  socket.close();
  return port;
}
