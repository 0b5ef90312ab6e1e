import { answer, nextRequest, openPhone, routeRows, wayTo } from '../calling.ts';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { asResponse, expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { lookUp } from '../looking-up.ts';
import type { RawTcp } from '../raw-sockets.ts';
import {
  expectSilence,
  fetchContacts,
  formatRegister,
  nextFinal,
  pause,
  registered,
  urisOf,
} from '../registering.ts';
import { domain } from '../test-users.ts';

const opening = (rows: string) =>
  'GET / HTTP/1.1\r\nHost: example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${rows}\r\n`;

const headEnd = (text: string) => text.includes('\r\n\r\n');

/** A WebSocket of which every byte is written here. */
async function openRaw(target: ConformanceTarget): Promise<RawTcp> {
  const tcp = await target.rawTcp(target.secured.ws);
  tcp.send(opening('Sec-WebSocket-Protocol: sip\r\n'));
  expectMatch(await tcp.until(headEnd, 'answer to the handshake'), /^HTTP\/1\.1 101 /, 'handshake');
  return tcp;
}

/** A frame from a client, with a mask of zeros (RFC 6455 §5.2). */
function frame(firstByte: number, payload: string): string {
  const length =
    payload.length < 126
      ? String.fromCharCode(0x80 | payload.length)
      : String.fromCharCode(0xfe, payload.length >> 8, payload.length & 255);
  return `${String.fromCharCode(firstByte)}${length}\0\0\0\0${payload}`;
}

const text = 0x81;
const binary = 0x82;
const options = (branch: string, rows = '') =>
  `OPTIONS sip:${domain} SIP/2.0\r\nVia: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK${branch}\r\n` +
  `From: <sip:a@${domain}>;tag=1\r\nTo: <sip:${domain}>\r\nCall-ID: ${branch}\r\nCSeq: 1 OPTIONS\r\n` +
  `Max-Forwards: 70\r\n${rows}\r\n`;

export const cases: readonly ConformanceCase[] = [
  {
    row: 'WS1',
    title: 'with sip',
    run: async (target) => {
      const tcp = await target.rawTcp(target.secured.ws);
      tcp.send(opening('Sec-WebSocket-Protocol: chat, sip\r\n'));
      const agreed = await tcp.until(headEnd, 'answer');
      expectMatch(agreed, /^HTTP\/1\.1 101 /, 'answer');
      expectMatch(agreed, /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n/, 'accepted key');
      expectMatch(agreed, /\r\nSec-WebSocket-Protocol: sip\r\n/i, 'subprotocol');
    },
  },
  {
    row: 'WS1',
    title: 'without it',
    run: async (target) => {
      for (const rows of ['', 'Sec-WebSocket-Protocol: chat\r\n']) {
        const tcp = await target.rawTcp(target.secured.ws);
        tcp.send(opening(rows));
        expectMatch(await tcp.until(headEnd, 'answer'), /^HTTP\/1\.1 400 /, 'answer');
        await tcp.closedByPeer();
      }
    },
  },
  {
    row: 'WS2',
    title: 'text and binary',
    run: async (target) => {
      const tcp = await openRaw(target);
      tcp.send(frame(text, options('one')) + frame(binary, options('two')));
      const received = await tcp.until((all) => all.includes('z9hG4bKtwo'), 'second answer');
      expectEqual(received.match(/SIP\/2\.0 200/g)?.length, 2, 'number of answers');
    },
  },
  {
    row: 'WS2',
    title: 'in fragments, byte by byte, with a ping between',
    run: async (target) => {
      const tcp = await openRaw(target);
      const message = options('pieces', 'Content-Length: 0\r\n');
      tcp.send(frame(0x01, message.slice(0, 10)));
      tcp.send(frame(0x89, 'p'));
      for (const byte of frame(0x00, message.slice(10, 100)) + frame(0x80, message.slice(100))) {
        tcp.send(byte);
        await pause(2);
      }
      const received = await tcp.until((all) => all.includes('SIP/2.0 200'), 'answer');
      expectTrue(received.includes('\x8a\x01p'), 'a pong between');
    },
  },
  {
    row: 'WS2',
    title: 'without Content-Length the body is the rest of the message',
    run: async (target) => {
      const [agent, user] = [target.agent('ws'), target.freshUser()];
      const edit = (each: string) => each.replace(/Content-Length: \d+\r\n/, '');
      await registered(agent, user, { edit });
      await registered(agent, user, { edit, body: 'any body' });
    },
  },
  {
    row: 'WS3',
    title: 'a contact without an address is registered and told, and nobody asks a DNS for it',
    run: async (target) => {
      const [agent, user] = [target.agent('ws'), target.freshUser()];
      const uri = `sip:${user.username}@df7jal23ls0d.invalid;transport=ws`;
      const bound = await registered(agent, user, { contact: `<${uri}>` });
      expectEqual(urisOf(bound), [uri], 'contacts');
      expectMatch(bound.row('via'), /^SIP\/2\.0\/WS [0-9a-f]+\.invalid/, 'Via of the answer');
      const [binding] = await lookUp(target, user.aor);
      expectEqual(binding?.contact, uri, 'contact in the location service');
      expectEqual(binding?.flow?.transport, 'ws', 'transport of its flow');
      const startedAtMs = performance.now();
      const found = await target.agent().request({ method: 'INVITE', uri: user.aor });
      expectStatus(found, 302);
      expectTrue(urisOf(found)[0]?.startsWith(uri) === true, `the contact itself: received ${urisOf(found)}`);
      expectTrue(performance.now() - startedAtMs < 1000, 'no waiting for a DNS');
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of contacts');
    },
  },
  ...(['ws', 'wss', 'tls'] as const).map(
    (transport): ConformanceCase => ({
      row: 'WS3',
      title: `who follows the 302 reaches the phone by its ${transport}`,
      run: async (target) => {
        for (const headers of [['Supported: path, outbound'], []]) {
          const phone = await openPhone(target, { agent: target.agent(transport), headers });
          const caller = target.agent();
          const way = await wayTo(caller, phone.user);
          expectEqual(way.uri, phone.uri, 'contact of the 302');
          const answered = caller.request({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way) });
          const arrived = await nextRequest(phone.agent);
          expectEqual(arrived.requestUri, phone.uri, 'Request-URI');
          expectMatch(
            arrived.row('via'),
            new RegExp(`^SIP/2\\.0/${transport.toUpperCase()} `),
            'Via of the edge',
          );
          await answer(phone.agent, arrived, 200);
          expectStatus(await answered, 200);
        }
      },
    }),
  ),
  {
    row: 'WS4',
    run: async (target) => {
      const tcp = await openRaw(target);
      const before = tcp.received.length;
      tcp.send(frame(0x89, 'are you there'));
      await tcp.until((all) => all.slice(before) === '\x8a\x0dare you there', 'pong');
      tcp.send(frame(text, '\r\n\r\n'));
      const received = await tcp.until((all) => all.slice(before).length >= 19, 'answer to CRLF CRLF');
      expectEqual(received.slice(before + 15), '\x81\x02\r\n', 'answer to CRLF CRLF');
      tcp.send(frame(text, options('after')));
      await tcp.until((all) => all.includes('SIP/2.0 200'), 'answer to what follows');
    },
  },
  {
    row: 'WS5',
    title: 'an answer is not sent again',
    run: async (target) => {
      const [agent, user] = [target.agent('ws'), target.freshUser()];
      const invite = await agent.format({ method: 'INVITE', uri: user.aor });
      await agent.sendText(invite);
      expectStatus(await nextFinal(agent), 480);
      // Timer G would repeat it after 500 ms, and 1 s later again.
      await expectSilence(agent, 2000);
    },
  },
  {
    row: 'WS5',
    title: 'nothing waits for retransmissions',
    run: async (target) => {
      const [agent, user] = [target.agent('ws'), target.freshUser()];
      const request = await formatRegister(agent, user);
      await agent.sendText(request);
      expectStatus(await nextFinal(agent), 200);
      // Timer J is 0: the same bytes again are a request of its own, which its Call-ID and CSeq then show to be old.
      await agent.sendText(request);
      const again = asResponse(await agent.nextMessage());
      expectTrue(again.status >= 200, 'a final response');
    },
  },
];
