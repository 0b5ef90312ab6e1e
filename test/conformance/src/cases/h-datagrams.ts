import { networkInterfaces } from 'node:os';
import type { HostPort } from '@rollcall/transport';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { exchange, expectSilence, formatRegister, freshBranch, pause, register } from '../registering.ts';

/** An OPTIONS with a top Via of the case's own making. */
function optionsVia(via: string): string {
  const rows = [
    'OPTIONS sip:example.com SIP/2.0',
    `Via: SIP/2.0/UDP ${via};branch=${freshBranch()}`,
    'Max-Forwards: 70',
    'From: <sip:agent@example.com>;tag=1',
    'To: <sip:example.com>',
    `Call-ID: ${crypto.randomUUID()}`,
    'CSeq: 1 OPTIONS',
    'Content-Length: 0',
  ];
  return `${rows.join('\r\n')}\r\n\r\n`;
}

/** The machine's IPv4 addresses; where it has 127.0.0.1 only, the case says no more than the one before. */
function ownIpv4(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return all.filter(({ family }) => family === 'IPv4').map(({ address }) => address);
}

async function topVia(target: ConformanceTarget, via: (local: HostPort) => string): Promise<string> {
  const socket = await target.rawUdp();
  socket.send(optionsVia(via(socket.local)), target.sip);
  const { text } = await socket.next();
  expectMatch(text, /^SIP\/2\.0 200 /, 'answer');
  return /\r\nVia: ([^\r]*)/.exec(text)?.[1] ?? '';
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'X1',
    run: async (target) => {
      expectMatch(
        await topVia(target, ({ port }) => `host.invalid:${port}`),
        /;received=127\.0\.0\.1(;|$)/,
        'received for a name',
      );
      expectMatch(
        await topVia(target, ({ port }) => `192.0.2.77:${port}`),
        /;received=127\.0\.0\.1(;|$)/,
        'received for another address',
      );
    },
  },
  {
    row: 'X2',
    run: async (target) => {
      let port = 0;
      const via = await topVia(target, (local) => {
        port = local.port;
        return `127.0.0.1:${local.port};rport`;
      });
      expectMatch(via, new RegExp(`;rport=${port}(;|$)`), 'rport');
      expectMatch(via, /;received=127\.0\.0\.1(;|$)/, 'received');
      const agent = target.agent('tcp');
      const answer = await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' });
      const local = await agent.open();
      expectEqual([answer.topVia.rport, answer.topVia.received], [local.port, '127.0.0.1'], 'over TCP');
    },
  },
  {
    row: 'X3',
    run: async (target) => {
      const socket = await target.rawUdp();
      socket.send(optionsVia('198.51.100.1:5060;rport'), target.sip);
      expectEqual((await socket.next()).from, target.sip, 'source of the answer');
    },
  },
  {
    row: 'X3',
    title: 'two listeners',
    slow: true,
    run: async (target) => {
      const [one, two] = [await target.rawUdp(), await target.rawUdp({ host: '127.0.0.2' })];
      const addresses = [one.local, two.local];
      // The ports are free again for the product to take.
      await Promise.all([one.close(), two.close()]);
      const listen = addresses.map(({ host, port }) => `${host}:${port}`).join(',');
      await target.startOwn({ kind: 'standalone', env: { EDGE_UDP_LISTEN: listen, EDGE_TCP_LISTEN: '' } });
      const socket = await target.rawUdp();
      for (const address of addresses) {
        socket.send(optionsVia('198.51.100.1:5060;rport'), address);
        expectEqual((await socket.next()).from, address, 'source of the answer');
      }
    },
  },
  {
    row: 'X3',
    title: 'one listener at all addresses of the machine',
    slow: true,
    run: async (target) => {
      const free = await target.rawUdp({ host: '0.0.0.0' });
      const { port } = free.local;
      await free.close();
      await target.startOwn({
        kind: 'standalone',
        env: { EDGE_UDP_LISTEN: `0.0.0.0:${port}`, EDGE_TCP_LISTEN: '' },
      });
      // Of a single socket, the system would answer from 127.0.0.1 whatever was asked, since the phone is there.
      const socket = await target.rawUdp();
      for (const host of ownIpv4()) {
        socket.send(optionsVia('198.51.100.1:5060;rport'), { host, port });
        expectEqual((await socket.next()).from, { host, port }, 'source of the answer');
      }
    },
  },
  {
    row: 'X4',
    run: async (target) => {
      const [source, named] = [await target.rawUdp(), await target.rawUdp()];
      source.send(optionsVia(`127.0.0.1:${named.local.port}`), target.sip);
      expectMatch((await named.next()).text, /^SIP\/2\.0 200 /, 'answer at the sent-by port');
      expectEqual(source.unread, 0, 'datagrams at the source port');
    },
  },
  {
    row: 'X5',
    title: 'maddr is not followed: it would make a reflector',
    run: async (target) => {
      const third = await target.rawUdp({ host: '127.0.0.2' });
      const socket = await target.rawUdp({ port: third.local.port });
      socket.send(optionsVia(`127.0.0.1:${third.local.port};maddr=127.0.0.2`), target.sip);
      expectMatch((await socket.next()).text, /^SIP\/2\.0 (200|400) /, 'answer at the source');
      await pause(200);
      expectEqual(third.unread, 0, 'datagrams at maddr');
    },
  },
  {
    row: 'X10',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user);
      const second = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
      expectStatus(await exchange(agent, text + second), 200);
      await expectSilence(agent, 400);
      const short = await formatRegister(agent, user, {
        body: 'abc',
        edit: (each) => each.replace('Content-Length: 3', 'Content-Length: 9999'),
      });
      expectStatus(await exchange(agent, short), 400);
    },
  },
  {
    row: 'X11',
    title: 'large datagrams',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const padding = Array.from({ length: 8 }, (_, index) => `X-Padding-${index}: ${'p'.repeat(7000)}`);
      expectStatus(await register(agent, user, { headers: padding }), 200);
      // All that a datagram can hold: 65,507 bytes.
      const most = await formatRegister(agent, user, { headers: padding });
      const full = most.replace('X-Padding-0: ', `X-Padding-0: ${'q'.repeat(65_507 - most.length)}`);
      expectEqual(full.length, 65_507, 'bytes of the largest datagram');
      expectStatus(await exchange(agent, full), 200);
    },
  },
  {
    row: 'X12',
    run: async (target) => {
      for (const transport of ['udp', 'tcp'] as const) {
        const answer = await target.agent(transport).request({ method: 'OPTIONS', uri: 'sip:example.com' });
        expectStatus(answer, 200);
      }
    },
  },
  {
    row: 'X16',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await agent.format({ method: 'REGISTER', uri: 'sip:example.com', to: user.aor });
      await agent.sendText(text);
      const answer = await agent.nextText();
      expectMatch(answer, /^SIP\/2\.0 401 /, 'answer');
      const times = answer.length / text.length;
      expectTrue(times <= 3, `at most three times the request's size, not ${times.toFixed(1)} times`);
      await expectSilence(agent, 4500);
    },
  },
];
