import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import {
  exchange,
  fetchBindings,
  formatRegister,
  pause,
  readRequest,
  register,
  registered,
  urisOf,
} from '../registering.ts';

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const outbound = 'Supported: outbound, path';

function flow(uri: string, regId: number): string {
  return `<${uri}>;${instance};reg-id=${regId}`;
}

/** A second Via: a proxy stands between phone and registrar. */
function throughProxy(text: string): string {
  return text.replace(
    '\r\nMax-Forwards',
    '\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKphone\r\nMax-Forwards',
  );
}

/** Registers with or without Supported: outbound and reg-id, and says whether the 200 requires outbound. */
async function requiresOutbound(target: ConformanceTarget, supported: boolean, regId: boolean) {
  const [agent, user] = [target.agent(), target.freshUser()];
  const answer = await registered(agent, user, {
    contact: `<sip:phone@192.0.2.1>;${instance}${regId ? ';reg-id=1' : ''}`,
    headers: supported ? [outbound] : [],
  });
  return answer.require.includes('outbound');
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'OB1',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = [outbound];
      await registered(agent, user, { contact: flow('sip:phone@192.0.2.1', 1), headers });
      const moved = await registered(agent, user, { contact: flow('sip:phone@192.0.2.77:5099', 1), headers });
      expectEqual(urisOf(moved), ['sip:phone@192.0.2.77:5099'], 'contacts after a move');
      const second = await registered(agent, user, {
        contact: flow('sip:phone@192.0.2.77:5099', 2),
        headers,
      });
      expectEqual(urisOf(second).length, 2, 'number of bindings with a second reg-id');
      // Where the registrar is the first hop, reg-id counts for who does not say that it supports outbound, too.
      const silent = await registered(agent, user, { contact: flow('sip:phone@192.0.2.78', 2) });
      expectEqual(
        urisOf(silent).toSorted(),
        ['sip:phone@192.0.2.77:5099', 'sip:phone@192.0.2.78'],
        'contacts after a move without Supported',
      );
    },
  },
  {
    row: 'OB2',
    run: async (target) => {
      const found: boolean[] = [];
      for (const supported of [true, false])
        for (const regId of [true, false]) found.push(await requiresOutbound(target, supported, regId));
      expectEqual(
        found,
        [true, false, false, false],
        'Require: outbound with both, without either, without both',
      );
    },
  },
  {
    row: 'OB3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: '<sip:phone@192.0.2.1>;reg-id=1',
        headers: [outbound],
      });
      expectTrue(!answer.require.includes('outbound'), 'no Require: outbound');
      const again = await registered(agent, user, {
        contact: '<sip:phone@192.0.2.2>;reg-id=1',
        headers: [outbound],
      });
      expectEqual(urisOf(again).length, 2, 'number of plain bindings');
    },
  },
  {
    row: 'OB4',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await register(agent, user, {
        contact: `${flow('sip:phone@192.0.2.1', 1)}, <sip:other@192.0.2.2>`,
        headers: [outbound],
      });
      expectStatus(answer, 400);
      expectEqual((await fetchBindings(agent, user)).length, 0, 'number of bindings');
    },
  },
  {
    row: 'OB5',
    title: 'first hop without outbound',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const contact = flow('sip:phone@192.0.2.1', 1);
      for (const headers of [[outbound], [outbound, 'Path: <sip:proxy.example.org;lr>']])
        expectStatus(await register(agent, user, { contact, headers, edit: throughProxy }), 439);
      const plain = await registered(agent, user, { contact, edit: throughProxy });
      expectTrue(!plain.require.includes('outbound'), 'no Require: outbound where it is not supported');
    },
  },
  {
    row: 'OB5',
    title: 'first hop with outbound',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = [outbound, 'Path: <sip:token@proxy.example.org;lr;ob>'];
      const contact = flow('sip:phone@192.0.2.1', 1);
      const answer = await registered(agent, user, { contact, headers, edit: throughProxy });
      expectTrue(answer.require.includes('outbound'), 'Require: outbound');
    },
  },
  {
    row: 'OB9',
    title: 'of two flows, the most recent one',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const regId of [1, 2]) {
        const contact = flow(`sip:phone@192.0.2.${regId}`, regId);
        await registered(agent, user, { contact, headers: [outbound] });
        // Two registrations in one millisecond would be equally recent.
        await pause(20);
      }
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      const uris = urisOf(answer).map((uri) => uri.split('?')[0]);
      expectEqual(uris, ['sip:phone@192.0.2.2'], 'contacts of the 302, without Route');
    },
  },
  {
    row: 'OB10',
    title: 'alone, and between messages',
    run: async (target) => {
      const connection = await target.rawTcp();
      connection.send('\r\n\r\n');
      await connection.until((received) => received === '\r\n', 'one CRLF');
      connection.send('\r\n');
      await pause(300);
      expectEqual(connection.received, '\r\n', 'what a lone CRLF gets beside');
      const agent = target.agent('tcp');
      const options = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
      const other = options.replace(readRequest(options).callId, 'another-call');
      connection.send(`${options}\r\n\r\n${other}`);
      const text = await connection.until(
        (received) => received.split('SIP/2.0 200').length === 3,
        'two answers',
      );
      expectEqual(text.split('\r\n\r\n').filter((part) => part === '\r\n').length, 0, 'stray line ends');
      expectTrue(
        /\r\n\r\n\r\nSIP\/2\.0 200/.test(text) || text.endsWith('\r\n\r\n\r\n'),
        'a CRLF for the ping',
      );
    },
  },
  {
    row: 'OB11',
    run: async (target) => {
      const [socket, agent] = [await target.rawUdp(), target.agent()];
      const transaction = 'twelve bytes';
      const cookie = '\x21\x12\xa4\x42';
      socket.send(`\0\x01\0\0${cookie}${transaction}`, target.sip);
      const answer = Buffer.from((await socket.next()).text, 'latin1');
      expectEqual(answer.readUInt16BE(0), 0x0101, 'type: a success response');
      expectEqual(answer.toString('latin1', 4, 20), cookie + transaction, 'cookie and transaction ID');
      expectEqual(answer.toString('hex', 20, 26), '002000080001', 'XOR-MAPPED-ADDRESS of IPv4');
      expectEqual(answer.readUInt16BE(26) ^ 0x2112, socket.local.port, 'port');
      expectEqual((answer.readUInt32BE(28) ^ 0x2112a442) >>> 0, 0x7f000001, 'address');
      // SIP goes on working on the same port.
      expectStatus(await agent.request({ method: 'OPTIONS', uri: 'sip:example.com' }), 200);
    },
  },
  {
    row: 'OB14',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const uri = 'sip:phone@192.0.2.1';
      await registered(agent, user, { contact: flow(uri, 1), headers: [outbound] });
      const both = await registered(agent, user, { contact: `<${uri}>` });
      expectEqual(urisOf(both), [uri, uri], 'contacts');
      const left = await registered(agent, user, { contact: `<${uri}>;expires=0` });
      expectEqual(urisOf(left).length, 1, 'number of bindings after the plain one was removed');
      expectEqual((await fetchBindings(agent, user))[0]?.regId, 1, 'reg-id of what stays');
      const none = await exchange(
        agent,
        await formatRegister(agent, user, { contact: `${flow(uri, 1)};expires=0`, headers: [outbound] }),
      );
      expectEqual(urisOf(none).length, 0, 'number of bindings after the flow was removed');
    },
  },
];
