import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import {
  exchange,
  fetchContacts,
  formatRegister,
  nextFinal,
  pause,
  register,
  registered,
} from '../registering.ts';

const statusLines = (received: string) => received.match(/^SIP\/2\.0 \d{3}/gm) ?? [];

export const cases: readonly ConformanceCase[] = [
  {
    row: 'X6',
    run: async (target) => {
      const [agent, other, user] = [target.agent('tcp'), target.agent('tcp'), target.freshUser()];
      // sent-by names a port that nobody listens on: only the connection can carry the answer.
      const edit = (text: string) => text.replace(/TCP 127\.0\.0\.1:\d+/, 'TCP 127.0.0.1:9');
      await other.open();
      await registered(agent, user, { edit });
    },
  },
  {
    row: 'X6',
    title: 'whoever has closed it gets the answer by a new one, where it listens',
    slow: true,
    run: async (shared) => {
      const target = await shared.lab();
      const connection = await target.rawTcp();
      const received: string[] = [];
      const listener = createServer((socket) =>
        socket.on('data', (bytes) => received.push(bytes.toString())),
      );
      await once(listener.listen(0, '127.0.0.1'), 'listening');
      try {
        const { port } = listener.address() as AddressInfo;
        const text = await target.agent('tcp').format({ method: 'MESSAGE', uri: target.freshUser().aor });
        // So that the answer comes after the end of the connection.
        const release = target.hold('redirect');
        connection.send(text.replace(/TCP 127\.0\.0\.1:\d+/, `TCP 127.0.0.1:${port}`));
        await connection.close();
        for (let tries = 0; tries < 40 && received.length === 0; tries += 1) await pause(50);
        await release();
        expectMatch(received[0], /^SIP\/2\.0 503 /, 'what came by a new connection');
      } finally {
        listener.close();
      }
    },
  },
  {
    row: 'X7',
    title: 'three in one segment',
    run: async (target) => {
      const agent = target.agent('tcp');
      const texts: string[] = [];
      for (let index = 0; index < 3; index += 1) texts.push(await formatRegister(agent, target.freshUser()));
      await agent.sendText(texts.join(''));
      for (let index = 0; index < 3; index += 1) expectStatus(await nextFinal(agent), 200);
    },
  },
  {
    row: 'X7',
    title: 'byte by byte',
    run: async (target) => {
      const [agent, user, tcp] = [target.agent(), target.freshUser(), await target.rawTcp()];
      const body = 'body\r\n\r\nof some bytes';
      const text = await formatRegister(agent, user, {
        body,
        edit: (each) => each.replace('0/UDP', '0/TCP'),
      });
      for (const [index, byte] of [...text].entries()) {
        tcp.send(byte);
        // Not at each byte: on a busy machine the whole would take longer than a message may.
        if (index % 8 === 0) await pause(1);
      }
      const received = await tcp.until((all) => all.endsWith('\r\n\r\n'), 'answer');
      expectEqual(statusLines(received), ['SIP/2.0 200'], 'answers');
    },
  },
  {
    row: 'X8',
    run: async (target) => {
      const [agent, user, tcp] = [target.agent(), target.freshUser(), await target.rawTcp()];
      const neighbour = target.agent('tcp');
      await neighbour.open();
      const text = await formatRegister(agent, user, {
        edit: (each) => each.replace('0/UDP', '0/TCP').replace(/\r\nContent-Length: 0/, ''),
      });
      tcp.send(text);
      const received = await tcp.until((all) => all.endsWith('\r\n\r\n'), 'answer');
      expectMatch(received, /^SIP\/2\.0 (200|400) /, 'answer');
      expectStatus(await register(neighbour, target.freshUser()), 200);
    },
  },
  ...(
    [
      ['negative', 'Content-Length: -5'],
      ['no number', 'Content-Length: none'],
      ['two that differ', 'Content-Length: 0\r\nl: 7'],
      ['beyond 32 bits', 'Content-Length: 99999999999'],
    ] as const
  ).map(
    ([title, row]) =>
      ({
        row: 'X9',
        title,
        run: async (target) => {
          const [agent, user, tcp] = [target.agent(), target.freshUser(), await target.rawTcp()];
          const text = await formatRegister(agent, user, {
            edit: (each) => each.replace('0/UDP', '0/TCP').replace('Content-Length: 0', row),
          });
          tcp.send(text);
          const received = await tcp.until((all) => all.endsWith('\r\n\r\n'), 'answer');
          expectMatch(
            received,
            title === 'beyond 32 bits' ? /^SIP\/2\.0 (400|513) / : /^SIP\/2\.0 400 /,
            'answer',
          );
          await tcp.closedByPeer();
          expectEqual(await fetchContacts(agent, user), [], 'bindings');
        },
      }) satisfies ConformanceCase,
  ),
  {
    row: 'X11',
    title: '60 KB on a stream',
    run: async (target) => {
      const [agent, user] = [target.agent('tcp'), target.freshUser()];
      const padding = Array.from({ length: 8 }, (_, index) => `X-Padding-${index}: ${'p'.repeat(7400)}`);
      expectStatus(await register(agent, user, { headers: padding }), 200);
    },
  },
  {
    row: 'X11',
    title: '5 MB without end',
    run: async (target) => {
      const [agent, tcp] = [target.agent(), await target.rawTcp()];
      const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
      const endless = text
        .replace('0/UDP', '0/TCP')
        .replace('\r\nContent-Length: 0\r\n\r\n', '\r\nX-Endless: ');
      tcp.send(endless + 'e'.repeat(5_000_000));
      await tcp.closedByPeer(10_000);
      expectMatch(tcp.received, /^$|^SIP\/2\.0 (513|400|413|414) /, 'a last word, or none');
      expectStatus(await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' }), 200);
    },
  },
  {
    row: 'X14',
    slow: true,
    run: async (target) => {
      const tcp = await target.rawTcp();
      const startedAtMs = performance.now();
      let closed = false;
      const end = tcp.closedByPeer(60_000).then(() => {
        closed = true;
      });
      for (const byte of 'OPTIONS sip:example.com SIP/2.0\r\nVia: SIP') {
        if (closed) break;
        tcp.send(byte);
        await Promise.race([pause(2000), end]);
      }
      await end;
      const tookSec = (performance.now() - startedAtMs) / 1000;
      expectTrue(tookSec < 45, `closed within 45 s, not ${tookSec.toFixed(1)} s`);
    },
  },
  {
    row: 'X15',
    slow: true,
    run: async (target) => {
      const [agent, user] = [target.agent('tcp'), target.freshUser()];
      await registered(agent, user);
      await pause(33_000);
      await registered(agent, user);
      const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
      expectStatus(await exchange(agent, text), 200);
    },
  },
];
