import { networkInterfaces } from 'node:os';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import {
  exchange,
  expectSilence,
  fetchContacts,
  formatRegister,
  pause,
  register,
  registered,
} from '../registering.ts';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'P1',
    title: 'what is answered here is answered with Max-Forwards 0, too',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const edit = (text: string) => text.replace('Max-Forwards: 70', 'Max-Forwards: 0');
      await registered(agent, user, { edit });
      const answer = await exchange(agent, edit(await agent.format({ method: 'INVITE', uri: user.aor })));
      expectStatus(answer, 302);
    },
  },
  ...(
    [
      ['300', [200, 400]],
      ['256', [200, 400]],
      ['many', [400]],
      ['-1', [400]],
    ] as const
  ).map(
    ([value, statuses]) =>
      ({
        row: 'P2',
        title: `Max-Forwards: ${value}`,
        run: async (target) => {
          const edit = (text: string) => text.replace('Max-Forwards: 70', `Max-Forwards: ${value}`);
          expectStatus(await register(target.agent(), target.freshUser(), { edit }), ...statuses);
        },
      }) satisfies ConformanceCase,
  ),
  {
    row: 'P3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = ['Proxy-Require: zz, yy'];
      const register420 = await register(agent, user, { headers });
      const invite = await agent.request({ method: 'INVITE', uri: user.aor, headers });
      for (const answer of [register420, invite]) {
        expectStatus(answer, 420);
        expectEqual(answer.values('unsupported'), ['zz', 'yy'], 'Unsupported');
      }
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'P7',
    title: 'not on REGISTER, nor on a redirect',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user);
      expectEqual(answer.rows('record-route'), [], 'Record-Route of the 200');
      const invite = await agent.request({ method: 'INVITE', uri: user.aor });
      expectEqual(invite.rows('record-route'), [], 'Record-Route of the 302');
    },
  },
  {
    row: 'P10',
    run: async (target) => {
      const [agent, victim] = [target.agent(), await target.rawUdp()];
      const { host, port } = target.sip;
      const vias = [
        `SIP/2.0/UDP ${host}:${port};branch=z9hG4bKnobodys`,
        `SIP/2.0/UDP 127.0.0.1:${victim.local.port};branch=z9hG4bKvictim`,
      ];
      for (const shown of [
        vias,
        vias.slice(1),
        ['SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKbroadcast', ...vias],
      ]) {
        const rows = [
          'SIP/2.0 200 OK',
          ...shown.map((via) => `Via: ${via}`),
          'From: <sip:a@example.com>;tag=1',
          'To: <sip:b@example.com>;tag=2',
          'Call-ID: stray@conformance.test',
          'CSeq: 1 INVITE',
          'Content-Length: 0',
        ];
        await agent.sendText(`${rows.join('\r\n')}\r\n\r\n`);
      }
      await expectSilence(agent, 700);
      expectEqual(victim.unread, 0, 'datagrams to whom the Via names');
    },
  },
  {
    row: 'P11',
    title: 'the registrar challenges with 401',
    run: async (target) => {
      const agent = target.agent();
      const user = target.freshUser();
      const answer = await agent.request({ method: 'REGISTER', uri: 'sip:example.com', to: user.aor });
      expectStatus(answer, 401);
      expectTrue(answer.rows('www-authenticate').length > 0, 'WWW-Authenticate');
      expectEqual(answer.rows('proxy-authenticate'), [], 'Proxy-Authenticate');
    },
  },
  {
    row: 'P12',
    run: async (target) => {
      const [agent, elsewhere] = [target.agent(), await target.rawUdp()];
      const there = `127.0.0.1:${elsewhere.local.port}`;
      const foreign = [
        `sip:somebody@${there}`,
        'sip:somebody@other.org',
        `sip:somebody@other.org;maddr=127.0.0.1;x=${elsewhere.local.port}`,
        'tel:+15551234567',
      ];
      for (const method of ['INVITE', 'MESSAGE', 'OPTIONS'])
        for (const uri of foreign) expectStatus(await agent.request({ method, uri }), 403, 404, 407);
      const routed = await agent.request({
        method: 'INVITE',
        uri: 'sip:somebody@other.org',
        headers: [`Route: <sip:${there};lr>`],
      });
      expectStatus(routed, 403, 404, 407);
      // A slow answer to an INVITE has a 100 before it, which is no relaying.
      await pause(300);
      expectEqual(elsewhere.unread, 0, 'requests that were relayed');
    },
  },
  {
    row: 'P13',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user, { contact: '<sip:phone@192.0.2.1>' });
      await agent.sendText(text);
      const answers = [await agent.nextText()];
      for (const [method, uri] of [
        ['INVITE', user.aor],
        ['OPTIONS', 'sip:example.com'],
        ['REGISTER', 'sip:example.com'],
        ['INVITE', 'sip:nobody@example.com'],
      ] as const) {
        await agent.sendText(await agent.format({ method, uri }));
        answers.push(await agent.nextText());
      }
      const addresses = Object.values(networkInterfaces())
        .flatMap((each) => each ?? [])
        .map(({ address }) => address)
        .filter((address) => address !== '127.0.0.1' && address !== '::1');
      const inside = [...addresses, 'standalone', 'registrar', 'redis', 'grpc', 'localhost', '50051', '.ts:'];
      for (const each of inside)
        for (const answer of answers)
          expectTrue(
            !answer.toLowerCase().includes(each),
            `nothing says ${each}: ${answer.split('\r\n')[0]}`,
          );
    },
  },
];
