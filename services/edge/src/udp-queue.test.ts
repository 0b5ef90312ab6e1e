import { Metrics } from '@rollcall/runtime';
import { expect, it } from 'vitest';
import { exposeUdpQueues, findUdpQueue } from './udp-queue.ts';

const header =
  '   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops            ';
const row = (address: string, rxQueue: string, drops: number) =>
  `   59: ${address} 00000000:0000 07 00000000:${rxQueue} 00:00000000 00000000     0        0 301874 2 0000000097a53be1 ${drops}        `;

const udp = [header, row('0100007F:13C4', '00000000', 3), row('00000000:13C4', '00000A00', 42), ''].join(
  '\n',
);

it('finds the socket by its address and port, and reads queue and drops', () => {
  expect(findUdpQueue(udp, { host: '127.0.0.1', port: 5060 })).toEqual({ queuedBytes: 0, drops: 3 });
  expect(findUdpQueue(udp, { host: '192.0.2.1', port: 5060 })).toBeUndefined();
});

it('sums the sockets of a wildcard', () => {
  expect(findUdpQueue(udp, { host: '0.0.0.0', port: 5060 })).toEqual({ queuedBytes: 2560, drops: 45 });
});

it.each([
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000001000000'],
  ['2001:db8::1:2', 'B80D0120000000000000000002000100'],
  ['fe80:0:0:0:1:2:3:4', '000080FE000000000200010004000300'],
])('knows %s as the kernel writes it', (host, hex) => {
  const table = [header, row(`${hex}:13C5`, '00000001', 7)].join('\n');
  expect(findUdpQueue(table, { host, port: 5061 })).toEqual({ queuedBytes: 1, drops: 7 });
});

it('says nothing of a socket that is not listed', () => {
  expect(findUdpQueue(udp, { host: '0.0.0.0', port: 5070 })).toBeUndefined();
  expect(findUdpQueue('', { host: '0.0.0.0', port: 5060 })).toBeUndefined();
});

it('shows them by listener, and 0 where the kernel does not tell', async () => {
  const metrics = new Metrics();
  const listeners = [
    { host: '0.0.0.0', port: 5060 },
    { host: '::', port: 5060 },
  ];
  exposeUdpQueues(metrics, listeners, async (path) => {
    if (path === '/proc/net/udp') return udp;
    throw new Error('ENOENT');
  });
  const { body } = await metrics.render();
  expect(body).toContain('rollcall_udp_receive_buffer_drops_total{listener="0.0.0.0:5060"} 45');
  expect(body).toContain('rollcall_udp_receive_queue_bytes{listener="0.0.0.0:5060"} 2560');
  expect(body).toContain('rollcall_udp_receive_buffer_drops_total{listener="[::]:5060"} 0');
});

it('counts for [::] what came by IPv4, where no other listener has that', async () => {
  const metrics = new Metrics();
  const udp6 = [header, row(`${'0'.repeat(32)}:13C4`, '00000001', 2)].join('\n');
  exposeUdpQueues(metrics, [{ host: '::', port: 5060 }], async (path) =>
    path === '/proc/net/udp' ? udp : udp6,
  );
  const { body } = await metrics.render();
  expect(body).toContain('rollcall_udp_receive_buffer_drops_total{listener="[::]:5060"} 47');
});
