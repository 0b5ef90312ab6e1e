import { findFreePort } from '@rollcall/testkit';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus } from '../expectations.ts';
import { openTortureUdp, readTorture } from '../torture.ts';

/** A message, and the statuses that it may get. The IPv6 address in the Request-URI is no domain that is served. */
type Answered = readonly [row: string, name: string, ...statuses: number[]];

const answered: readonly Answered[] = [
  ['V6-ipv6-good', 'ipv6-good', 404],
  ['V6-ipv6-bad', 'ipv6-bad', 400],
  ['V6-port-ambiguous', 'port-ambiguous', 404],
  ['V6-port-unambiguous', 'port-unambiguous', 404],
  ['V6-via-received-with-delim', 'via-received-param-with-delim', 481],
  ['V6-via-received-no-delim', 'via-received-param-no-delim', 200, 404],
  ['V6-mult-ip-in-header', 'mult-ip-in-header', 404, 481],
  ['V6-mult-ip-in-sdp', 'mult-ip-in-sdp', 302, 404],
  ['V6-ipv4-mapped', 'ipv4-mapped-ipv6', 302, 404, 480],
  ['V6-3-colons', 'ipv6-bug-abnf-3-colons', 400, 404],
  ['V6-2-colons', 'ipv6-correct-abnf-2-colons', 404],
];

/** Several messages of the archive have one Via and one Call-ID: each would be taken for the other's retransmission. */
function withOwnCallId(name: string): string {
  return readTorture('rfc5118', name).replace('\r\nCall-ID: ', `\r\nCall-ID: ${name}-`);
}

export const cases: readonly ConformanceCase[] = [
  ...answered.map(
    ([row, name, ...statuses]): ConformanceCase => ({
      row,
      title: name,
      run: async (target) => {
        const socket = await openTortureUdp(target);
        expectStatus(await socket.exchange(withOwnCallId(name)), ...statuses);
      },
    }),
  ),
  {
    row: 'V6-ipv6-in-sdp',
    title: 'with the length of its body, and as printed, with another',
    run: async (target) => {
      const socket = await openTortureUdp(target);
      const printed = readTorture('rfc5118', 'ipv6-in-sdp');
      // The RFC says 268, and prints 251 bytes: a datagram that ends too early (RFC 3261 §18.3).
      expectStatus(await socket.exchange(printed), 400);
      expectStatus(
        await socket.exchange(printed.replace('Content-Length: 268', 'Content-Length: 251')),
        302,
        404,
      );
    },
  },
  {
    row: 'V6-mult-ip-in-header',
    title: 'Vias are returned',
    run: async (target) => {
      const socket = await openTortureUdp(target);
      const text = readTorture('rfc5118', 'mult-ip-in-header').replace('997077@', '997078@');
      const { vias } = await socket.exchange(text);
      expectEqual(
        vias.map(({ host }) => host),
        ['[2001:db8::9:1]', '192.0.2.1', '[2001:db8::9:255]'],
        'hosts of the Vias',
      );
      expectEqual(vias[2]?.received, '192.0.2.200', 'received of the lowest Via');
    },
  },
  {
    row: 'V6-via-received-no-delim',
    title: 'received is written without brackets',
    slow: true,
    run: async (target) => {
      const port = await findFreePort();
      const listen = { EDGE_UDP_LISTEN: `[::1]:${port}` };
      const own = await target.startOwn({ kind: 'standalone', env: listen });
      const socket = await own.rawUdp({ host: '::1' });
      const text = readTorture('rfc5118', 'via-received-param-no-delim').replace(
        ';received',
        ';rport;received',
      );
      socket.send(text, { host: '::1', port });
      expectMatch((await socket.next()).text, /\r\nVia: [^\r]*;received=::1[;\r]/, 'top Via');
    },
  },
];
