import { readFile } from 'node:fs/promises';
import { isIPv4, isIPv6 } from 'node:net';
import type { Metrics } from '@rollcall/runtime';
import { formatHostPort, type HostPort, isWildcard } from '@rollcall/transport';

/** What the kernel says of one UDP socket. */
export interface UdpQueue {
  /** Bytes that wait to be read, as the kernel counts them. */
  readonly queuedBytes: number;
  /** Datagrams thrown away since the socket was opened, for want of room or for a bad checksum. */
  readonly drops: number;
}

/** Shows what the kernel drops before this process sees it: no counter of our own can know. */
export function exposeUdpQueues(
  metrics: Metrics,
  listeners: readonly HostPort[],
  readTable: (path: string) => Promise<string> = (path) => readFile(path, 'latin1'),
): void {
  const labels = { listener: listeners.map(formatHostPort) };
  const forEach = async (show: (listener: string, queue: UdpQueue) => void) => {
    // Not Linux, or not allowed: the series stay at 0.
    const read = (path: string) => readTable(path).catch(() => '');
    const ipv4 = await read('/proc/net/udp');
    const ipv6 = await read('/proc/net/udp6');
    for (const address of listeners) {
      // [::] has sockets of IPv4 as well, unless another listener has those.
      const both =
        address.host === '::' && !listeners.some(({ host, port }) => isIPv4(host) && port === address.port);
      const table = isIPv6(address.host) ? (both ? `${ipv6}\n${ipv4}` : ipv6) : ipv4;
      const queue = findUdpQueue(table, address);
      if (queue !== undefined) show(formatHostPort(address), queue);
    }
  };
  metrics.counter({
    name: 'rollcall_udp_receive_buffer_drops_total',
    help: 'Datagrams that the kernel dropped before they were read, from /proc/net/udp: the process was too slow, or its buffer too small.',
    labels,
    collect: (counter) => forEach((listener, { drops }) => counter.with({ listener }).raiseTo(drops)),
  });
  metrics.gauge({
    name: 'rollcall_udp_receive_queue_bytes',
    help: 'Bytes that wait in the kernel for this process, from /proc/net/udp.',
    labels,
    collect: (gauge) => forEach((listener, { queuedBytes }) => gauge.with({ listener }).set(queuedBytes)),
  });
}

/**
 * The line of a socket in the text of /proc/net/udp or /proc/net/udp6 (proc(5)): its address in hexadecimal, "tx:rx" of
 * the queues, and last the drops. Of a wildcard, which has a socket for each address of the machine, the sum of those of its
 * port. Undefined where no line is this socket's.
 */
export function findUdpQueue(table: string, address: HostPort): UdpQueue | undefined {
  const wanted = isWildcard(address.host) ? `:${hexPort(address.port)}` : hexAddress(address);
  let found: UdpQueue | undefined;
  for (const line of table.split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(wanted) !== true) continue;
    const { queuedBytes, drops } = found ?? { queuedBytes: 0, drops: 0 };
    found = {
      queuedBytes: queuedBytes + Number.parseInt(fields[4]?.split(':')[1] ?? '0', 16),
      drops: drops + Number(fields.at(-1)),
    };
  }
  return found;
}

/** As the kernel prints it: each 32 bits of the address in the host's order (we run on little-endian machines), then the port. */
function hexAddress({ host, port }: HostPort): string {
  const bytes = isIPv6(host) ? ipv6Bytes(host) : host.split('.').map(Number);
  let hex = '';
  for (let at = 0; at < bytes.length; at += 4) {
    for (let index = at + 3; index >= at; index -= 1)
      hex += (bytes[index] ?? 0).toString(16).padStart(2, '0');
  }
  return `${hex}:`.toUpperCase() + hexPort(port);
}

function hexPort(port: number): string {
  return port.toString(16).padStart(4, '0').toUpperCase();
}

function ipv6Bytes(host: string): number[] {
  // The URL parser writes an IPv6 host in its one canonical form, so that only "::" is left to be spread.
  const [head = '', tail = ''] = new URL(`http://[${host}]/`).hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const groups = [...before, ...Array<string>(8 - before.length - after.length).fill('0'), ...after];
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}
