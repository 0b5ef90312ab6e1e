import { findParam, parseUri } from '@rollcall/sip';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import {
  contactsOf,
  exchange,
  expectSilence,
  fetchContacts,
  freshCallId,
  nextFinal,
  nextFinalText,
  pause,
  registered,
  urisOf,
} from '../registering.ts';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'D1',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: '<sip:one@192.0.2.1>, <sip:two@192.0.2.2;transport=tcp>' });
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      expectEqual(
        urisOf(answer).toSorted(),
        ['sip:one@192.0.2.1', 'sip:two@192.0.2.2;transport=tcp'],
        'contacts',
      );
    },
  },
  {
    row: 'D2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const [name, q] of [
        ['low', ';q=0.2'],
        ['high', ';q=0.9'],
        ['none', ''],
        ['zero', ';q=0'],
      ] as const)
        await registered(agent, user, { contact: `<sip:${name}@192.0.2.1>${q}` });
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      expectEqual(
        contactsOf(answer).map(({ uri, qMilli }) => [uri.slice(4, uri.indexOf('@')), qMilli]),
        [
          ['none', undefined],
          ['high', 900],
          ['low', 200],
          ['zero', 0],
        ],
        'contacts and q',
      );
    },
  },
  {
    row: 'D3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { headers: ['Expires: 600'] });
      await pause(2100);
      const [contact] = contactsOf(await agent.request({ method: 'INVITE', uri: user.aor }));
      const { expiresSec } = contact ?? {};
      expectTrue(
        expiresSec === undefined || (expiresSec <= 598 && expiresSec >= 590),
        `about 598, not ${expiresSec}`,
      );
    },
  },
  {
    row: 'D4',
    run: async (target) => {
      const agent = target.agent();
      expectStatus(await agent.request({ method: 'INVITE', uri: 'sip:nobody@example.com' }), 404);
      expectStatus(await agent.request({ method: 'INVITE', uri: 'sip:carol@example.com' }), 480);
      expectStatus(await agent.request({ method: 'MESSAGE', uri: 'sip:carol@example.com' }), 480);
    },
  },
  {
    row: 'D5',
    title: 'beside another',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        contact: `<sip:${user.username}@EXAMPLE.com;x=y>, <sip:other@192.0.2.1>`,
      });
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      expectEqual(urisOf(answer), ['sip:other@192.0.2.1'], 'contacts');
    },
  },
  {
    row: 'D5',
    title: 'nothing else',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const { status } = await registered(agent, user, { contact: `<${user.aor}>` });
      expectEqual(status, 200, 'status of the REGISTER');
      expectStatus(await agent.request({ method: 'INVITE', uri: user.aor }), 404);
    },
  },
  {
    row: 'D6',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user);
      const headers = ['Require: zz', 'X-Unknown: ;;,,"'];
      for (const method of ['FOO', 'INVITE', 'INFO'])
        expectStatus(await agent.request({ method, uri: user.aor, headers }), 302);
    },
  },
  {
    row: 'D7',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user);
      const text = await agent.format({ method: 'INVITE', uri: user.aor });
      await agent.sendText(text);
      const first = await nextFinalText(agent);
      await agent.sendText(text);
      expectEqual(await nextFinalText(agent), first, 'answer to the retransmission');
      expectEqual(first.slice(0, 12), 'SIP/2.0 302 ', 'status line');
    },
  },
  {
    row: 'D8',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user);
      const same = { uri: user.aor, callId: freshCallId(), cseq: 9, branch: `z9hG4bKd8${user.username}` };
      const invite = await exchange(agent, await agent.format({ ...same, method: 'INVITE' }));
      expectStatus(invite, 302);
      const cancel = await exchange(agent, await agent.format({ ...same, method: 'CANCEL' }));
      expectEqual([cancel.cseq.method, cancel.status], ['CANCEL', 200], 'answer to the CANCEL');
      // The 302 is sent again until its ACK, and no 487 in its place.
      expectStatus(await nextFinal(agent, 2000), 302);
    },
  },
  {
    row: 'D9',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const phone = await target.rawUdp();
      await registered(agent, user, { contact: `<sip:phone@127.0.0.1:${phone.local.port}>` });
      const headers = ['Record-Route: <sip:proxy.invalid;lr>'];
      for (const [uri, status] of [
        [user.aor, 302],
        ['sip:carol@example.com', 480],
        ['sip:nobody@example.com', 404],
      ] as const) {
        const answer = await agent.request({ method: 'INVITE', uri, headers });
        expectStatus(answer, status);
        expectTrue(answer.to.tag !== undefined, `a To tag in ${status}`);
        expectEqual(answer.rows('record-route'), [], 'Record-Route');
      }
      await expectSilence(agent, 700);
      expectEqual(phone.unread, 0, 'datagrams that reached the contact');
    },
  },
  {
    row: 'D10',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user);
      const foreign = user.aor.replace('example.com', 'other.org');
      expectStatus(await agent.request({ method: 'INVITE', uri: foreign }), 404, 403);
    },
  },
  {
    row: 'D11',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const secure = user.aor.replace('sip:', 'sips:');
      await registered(agent, user, { contact: '<sip:plain@192.0.2.1>' });
      const refused = await agent.request({ method: 'INVITE', uri: secure });
      expectStatus(refused, 480, 416);
      expectEqual(refused.row('warning')?.slice(0, 4), '380 ', 'code of the Warning');
      await registered(agent, user, { contact: '<sips:safe@192.0.2.1>' });
      const answer = await agent.request({ method: 'INVITE', uri: secure });
      expectStatus(answer, 302);
      expectEqual(urisOf(answer), ['sips:safe@192.0.2.1'], 'contacts');
    },
  },
  {
    row: 'D13',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const uri = 'sip:kept@192.0.2.1;x=1?Route=%3Csip:proxy.invalid%3E&Subject=a%20b';
      await registered(agent, user, { contact: `<${uri}>;note=outer;q=0.4` });
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      const [contact] = contactsOf(answer);
      expectEqual(contact?.uri, uri, 'contact URI');
      const parsed = parseUri(contact?.uri ?? '');
      expectTrue(
        parsed.kind === 'sip' && findParam(parsed.params, 'note') === undefined,
        'no header parameter in the URI',
      );
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
];
