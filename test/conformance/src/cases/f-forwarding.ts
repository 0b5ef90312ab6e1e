import { SipAgent } from '@rollcall/testkit';
import { answer, nextRequest, openPhone, routeRows, wayTo } from '../calling.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { expectSilence, freshBranch, freshCallId, nextFinal } from '../registering.ts';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'P1',
    title: '483 at 0, one less otherwise, 70 where there is none',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const text = await caller.format({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way) });
      await caller.sendText(text.replace('Max-Forwards: 70', 'Max-Forwards: 0'));
      expectStatus(await nextFinal(caller), 483);
      await expectSilence(phone.agent, 300);
      for (const [row, expected] of [
        ['Max-Forwards: 70', 69],
        ['Max-Forwards: 1', 0],
        ['X: y', 70],
      ] as const) {
        const other = text
          .replace('Max-Forwards: 70', row)
          .replace(/branch=[^;\r]+/, `branch=${freshBranch()}`);
        await caller.sendText(other);
        const arrived = await nextRequest(phone.agent);
        expectEqual(arrived.maxForwards, expected, `Max-Forwards after "${row}"`);
        await answer(phone.agent, arrived, 200);
        expectStatus(await nextFinal(caller), 200);
      }
    },
  },
  {
    row: 'P4',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const odd = ['X-Odd:   two  spaces , and a comma', 'Warning: 399 x "a\\"b"', 'NewFangled: \xe9'];
      const body = 'anything\r\n\r\nat all';
      const headers = routeRows(way, ...odd, 'Content-Type: x/y');
      const answered = caller.request({ method: 'FOO', uri: way.uri, headers, body });
      const arrived = await nextRequest(phone.agent);
      expectEqual([arrived.method, arrived.requestUri], ['FOO', phone.uri], 'method and Request-URI');
      expectEqual(arrived.body.toString('latin1'), body, 'body');
      for (const row of odd)
        expectTrue(arrived.parts.bytes.toString('latin1').includes(`\r\n${row}\r\n`), `"${row}" as it was`);
      await answer(phone.agent, arrived, 299, 'X-Odd:   back ,  too');
      const final = await answered;
      expectEqual([final.status, final.row('x-odd')], [299, 'back ,  too'], 'the answer');
    },
  },
  {
    row: 'P5',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const branches: (string | undefined)[] = [];
      for (let times = 0; times < 2; times += 1) {
        const before = 'SIP/2.0/UDP before.example.org;branch=z9hG4bKbefore;x="a, b"';
        const branch = freshBranch();
        const answered = caller.request({
          method: 'MESSAGE',
          uri: way.uri,
          branch,
          headers: routeRows(way, `Via: ${before}`),
        });
        const arrived = await nextRequest(phone.agent);
        const [own, callers, first, ...more] = arrived.vias;
        expectEqual(
          [callers?.branch, first?.branch, more.length],
          [branch, 'z9hG4bKbefore', 0],
          'Vias below',
        );
        expectEqual(arrived.values('via')[2], before, 'a Via that is not ours');
        expectMatch(own?.branch, /^z9hG4bK.{8}/, 'own branch');
        branches.push(own?.branch);
        await answer(phone.agent, arrived, 200);
        const final = await answered;
        expectEqual(
          final.vias.map((via) => via.branch),
          [branch, 'z9hG4bKbefore'],
          'Vias of the answer',
        );
        expectEqual(final.values('via')[1], before, 'a Via that is not ours, in the answer');
      }
      expectTrue(branches[0] !== branches[1], 'each request has its own branch');
    },
  },
  {
    row: 'P6',
    title: 'own Routes are taken off, others stay',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const { host, port } = target.sip;
      const own = `<sip:${host}:${port};lr>`;
      const next = '<sip:next.example.org;lr>';
      const headers = [`Route: ${[own, ...way.route, next].join(', ')}`];
      const answered = caller.request({ method: 'MESSAGE', uri: way.uri, headers });
      const arrived = await nextRequest(phone.agent);
      expectEqual([arrived.requestUri, arrived.route], [phone.uri, [next]], 'Request-URI and Route');
      await answer(phone.agent, arrived, 200);
      expectStatus(await answered, 200);
    },
  },
  {
    row: 'P6',
    title: 'a strict router made our Route the Request-URI',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const answered = caller.request({
        method: 'MESSAGE',
        uri: (way.route[0] ?? '').slice(1, -1),
        to: phone.user.aor,
        headers: [`Route: <${way.uri}>`],
      });
      const arrived = await nextRequest(phone.agent);
      expectEqual([arrived.requestUri, arrived.route], [phone.uri, []], 'Request-URI and Route');
      await answer(phone.agent, arrived, 200);
      expectStatus(await answered, 200);
    },
  },
  {
    row: 'P7',
    title: 'on what begins a dialog, with lr, and both sides come back by it',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const callId = freshCallId();
      const answered = caller.request({ method: 'INVITE', uri: way.uri, callId, headers: routeRows(way) });
      const invite = await nextRequest(phone.agent);
      const recordRoute = [...invite.recordRoute];
      expectTrue(recordRoute.length > 0, 'Record-Route');
      for (const value of recordRoute) expectMatch(value, /;lr[;>]/, 'lr');
      await answer(phone.agent, invite, 200, ...recordRoute.map((value) => `Record-Route: ${value}`));
      const ok = await answered;
      const inDialog = (text: string, to: string | undefined) =>
        text.replace(/\r\nTo: [^\r]*/, `\r\nTo: ${to}`);
      const back = `Route: ${[...ok.recordRoute].reverse().join(', ')}`;
      const request = { uri: way.uri, callId, headers: [back] };
      const { sequence } = invite.cseq;
      await caller.sendText(
        inDialog(await caller.format({ ...request, method: 'ACK', cseq: sequence }), ok.row('to')),
      );
      expectEqual((await nextRequest(phone.agent)).method, 'ACK', 'the ACK');
      const own = (await caller.contactFor('caller')).slice(1, -1);
      const headers = [`Route: ${recordRoute.join(', ')}`];
      await phone.agent.sendText(
        inDialog(await phone.agent.format({ method: 'BYE', uri: own, callId, headers }), invite.row('from')),
      );
      const bye = await nextRequest(caller);
      expectEqual([bye.method, bye.requestUri, bye.route, bye.recordRoute], ['BYE', own, [], []], 'the BYE');
      await answer(caller, bye, 200);
      expectStatus(await nextFinal(phone.agent), 200);
      const message = caller.request({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way) });
      const arrived = await nextRequest(phone.agent);
      expectEqual(arrived.recordRoute, [], 'Record-Route of a MESSAGE');
      await answer(phone.agent, arrived, 200);
      await message;
    },
  },
  {
    row: 'P8',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const text = await caller.format({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way) });
      await caller.sendText(text);
      const arrived = await nextRequest(phone.agent);
      const own = arrived.values('via')[0] ?? '';
      const sender = target.agent();
      const again = async (uri: string) => {
        const copy = await sender.format({
          method: 'MESSAGE',
          uri,
          headers: [`Via: ${own}`, ...routeRows(way)],
        });
        const { callId, cseq, from, to } = arrived;
        const same = copy
          .replace(/Call-ID: [^\r]*/, `Call-ID: ${callId}`)
          .replace(/CSeq: \d+/, `CSeq: ${cseq.sequence}`)
          .replace(/From: [^\r]*/, `From: <${from.uri}>;tag=${from.tag}`)
          .replace(/To: [^\r]*/, `To: <${to.uri}>`);
        await sender.sendText(same);
      };
      await again(way.uri);
      expectStatus(await nextFinal(sender), 482);
      await again(`${way.uri};spiral=1`);
      const spiral = await nextRequest(phone.agent);
      expectEqual(spiral.requestUri, `${way.uri};spiral=1`, 'Request-URI of the spiral');
      await answer(phone.agent, spiral, 200);
      expectStatus(await nextFinal(sender), 200);
    },
  },
  {
    row: 'P9',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const send = (...rows: string[]) =>
        caller.request({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way, ...rows) });
      expectStatus(await send('Max-Breadth: 0'), 440);
      for (const [rows, expected] of [
        [['Max-Breadth: 1'], ['1']],
        [[], ['60']],
        [['Max-Breadth: 1000'], ['60']],
      ] as const) {
        const answered = send(...rows);
        const arrived = await nextRequest(phone.agent);
        expectEqual(arrived.rows('max-breadth'), expected, `Max-Breadth after ${rows.join() || 'none'}`);
        await answer(phone.agent, arrived, 200);
        expectStatus(await answered, 200);
      }
    },
  },
  {
    row: 'P11',
    title: 'what is forwarded needs a token, and no credentials; a 407 from farther on comes back as it is',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const foreign = await phone.agent.request({ method: 'INVITE', uri: 'sip:somebody@other.org' });
      expectStatus(foreign, 403, 404);
      expectEqual(foreign.rows('www-authenticate'), [], 'WWW-Authenticate');
      const way = await wayTo(caller, phone.user);
      const answered = caller.request({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way) });
      const challenge = 'Digest realm="elsewhere", nonce="n"';
      await answer(phone.agent, await nextRequest(phone.agent), 407, `Proxy-Authenticate: ${challenge}`);
      const refused = await answered;
      expectStatus(refused, 407);
      expectEqual(refused.rows('proxy-authenticate'), [challenge], 'Proxy-Authenticate');
    },
  },
  {
    row: 'T8',
    title:
      'of a forwarded INVITE: CANCEL is answered here and goes on, the 487 comes back and is acknowledged',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target), target.agent()];
      const way = await wayTo(caller, phone.user);
      const invite = {
        method: 'INVITE',
        uri: way.uri,
        branch: freshBranch(),
        cseq: 9,
        callId: freshCallId(),
      };
      const answered = caller.request({ ...invite, headers: routeRows(way) });
      const arrived = await nextRequest(phone.agent);
      await answer(phone.agent, arrived, 180);
      expectStatus(await caller.request({ ...invite, method: 'CANCEL', headers: routeRows(way) }), 200);
      const cancel = await nextRequest(phone.agent);
      expectEqual(
        [cancel.method, cancel.topVia.branch],
        ['CANCEL', arrived.topVia.branch],
        'method and branch of the CANCEL',
      );
      await answer(phone.agent, cancel, 200);
      await answer(phone.agent, arrived, 487);
      expectStatus(await answered, 487);
      expectEqual((await nextRequest(phone.agent)).method, 'ACK', 'of this hop');
    },
  },
  {
    row: 'X13',
    title: 'from edge to edge; along a flow there is no choice',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      await using agent = new SipAgent({ transport: 'tcp', server: lab.secondSip });
      const [phone, caller] = [await openPhone(lab, { agent }), lab.agent()];
      const way = await wayTo(caller, phone.user);
      for (const [body, transport] of [
        ['small', 'UDP'],
        ['x'.repeat(1300), 'TCP'],
      ] as const) {
        const answered = caller.request({ method: 'MESSAGE', uri: way.uri, headers: routeRows(way), body });
        const arrived = await nextRequest(phone.agent);
        expectEqual(
          arrived.vias.map((via) => via.transport),
          ['TCP', transport, 'UDP'],
          'transports',
        );
        await answer(phone.agent, arrived, 200);
        expectStatus(await answered, 200);
      }
    },
  },
];
