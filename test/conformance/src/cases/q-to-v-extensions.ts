import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { fetchBindings, fetchContacts, register, registered, urisOf } from '../registering.ts';
import { domain } from '../test-users.ts';

const instance = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-000A95A0E128>"';
const uri = 'sip:phone@192.0.2.1';
const pushed = `${uri};pn-provider=apns;pn-prid=ABCDEF;pn-param=TEAM.app`;

export const cases: readonly ConformanceCase[] = [
  {
    row: 'G6',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const gruu = `${user.aor};gr=urn:uuid:00000000-0000-1000-8000-000A95A0E128`;
      for (const contact of [user.aor, gruu, 'mailto:somebody@example.com'])
        expectStatus(
          await register(agent, user, { contact: `<${contact}>;${instance}`, headers: ['Supported: gruu'] }),
          403,
        );
      expectEqual((await fetchBindings(agent, user)).length, 0, 'number of bindings');
    },
  },
  {
    row: 'G7',
    title: 'an unknown GRUU is not its AOR',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${uri}>;${instance}` });
      for (const gr of [';gr=urn:uuid:unknown', ';gr'])
        expectStatus(await agent.request({ method: 'INVITE', uri: `${user.aor}${gr}` }), 404);
      // Nothing is kept of instances that have gone: this one might have been there, as in row G5.
      const gone = `${user.aor};gr=urn:uuid:ffffffff-0000-1000-8000-000a95a0e128`;
      expectStatus(await agent.request({ method: 'INVITE', uri: gone }), 404, 480);
      expectStatus(await agent.request({ method: 'INVITE', uri: user.aor }), 302);
    },
  },
  {
    row: 'G7',
    title: 'GRUUs that a phone sends are not believed',
    run: async (target) => {
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      const contact = `<${uri}>;${instance};pub-gruu="${other.aor};gr=x";temp-gruu="sip:t@${domain};gr"`;
      await registered(agent, user, { contact });
      const [fetched = ''] = await fetchContacts(agent, user);
      expectTrue(!/-gruu=/.test(fetched), `no GRUU of the phone's making: received ${fetched}`);
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectTrue(!/-gruu=/.test(answer.row('contact') ?? ''), 'none in the 302 either');
    },
  },
  {
    row: 'TL4',
    title: 'sips is never led to sip',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${uri}>` });
      const secure = user.aor.replace('sip:', 'sips:');
      expectStatus(await agent.request({ method: 'INVITE', uri: secure }), 480, 403);
    },
  },
  {
    row: 'TL4',
    title: 'REGISTER for sips over UDP and TCP',
    run: async (target) => {
      for (const transport of ['udp', 'tcp'] as const) {
        const [agent, user] = [target.agent(transport), target.freshUser()];
        const secure = { requestUri: `sips:${domain}`, to: user.aor.replace('sip:', 'sips:') };
        expectStatus(await register(agent, user, secure), 403, 480);
        expectEqual((await fetchBindings(agent, user)).length, 0, 'number of bindings');
      }
    },
  },
  {
    row: 'GN4',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await register(agent, user, {
        contact: '<sip:192.0.2.1;bnc>',
        headers: ['Require: gin', 'Supported: path'],
      });
      expectStatus(answer, 200, 420);
      if (answer.status === 420) expectEqual(answer.unsupported, ['gin'], 'Unsupported');
    },
  },
  {
    row: 'KP1',
    run: async (target) => {
      const agent = target.agent();
      const text = await agent.format({ method: 'OPTIONS', uri: `sip:${domain}` });
      await agent.sendText(text.replace(';rport', ';rport;keep'));
      const via = (await agent.nextText()).split('\r\n').find((row) => row.startsWith('Via:')) ?? '';
      expectTrue(/;keep(;|$)/.test(via), `a bare keep: received ${via}`);
    },
  },
  {
    row: 'PN1',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, { contact: `<${pushed}>` });
      expectEqual(urisOf(answer), [pushed], 'contacts returned to the phone');
      await registered(agent, user, { contact: `<${uri}>;pn-provider=apns;pn-prid=XYZ` });
      const ofHeader = (await fetchBindings(agent, user)).find((each) => each.uri === uri);
      expectTrue(
        ofHeader === undefined || !ofHeader.uri.includes('pn-'),
        'header parameters stay out of the URI',
      );
    },
  },
  {
    row: 'PN6',
    title: 'nothing of push in a 302',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `<${pushed}>;pn-extra=1` });
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      expectTrue(!/pn-/i.test(answer.row('contact') ?? ''), `no pn-: received ${answer.row('contact')}`);
      expectEqual(urisOf(answer), [uri], 'contact URI');
    },
  },
  {
    row: 'IM3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = [
        'P-Access-Network-Info: 3GPP-UTRAN-TDD; utran-cell-id-3gpp=234151D0FCE11',
        'P-Visited-Network-ID: "Other network"',
        'P-Charging-Vector: icid-value=1234bc9876e',
        'P-Charging-Function-Addresses: ccf=192.0.2.7',
        'P-Media-Authorization: 0020000100100101',
      ];
      const answer = await registered(agent, user, { headers });
      for (const row of headers) {
        const name = row.slice(0, row.indexOf(':'));
        expectEqual(answer.row(name.toLowerCase()), undefined, name);
      }
    },
  },
  {
    row: 'IM4',
    run: async (target) => {
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      const headers = [`P-Asserted-Identity: <${other.aor}>`, `P-Preferred-Identity: <${other.aor}>`];
      expectStatus(await register(agent, user, { to: other.aor, headers }), 403);
      expectEqual((await fetchBindings(agent, other)).length, 0, 'number of bindings');
      const bare = { method: 'REGISTER', uri: `sip:${domain}`, from: other.aor, to: other.aor };
      expectStatus(await agent.request({ ...bare, headers: [...headers, `Contact: <${uri}>`] }), 401);
    },
  },
  {
    row: 'IM5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const request = { method: 'REGISTER', uri: `sip:${domain}`, from: user.aor, to: user.aor };
      const name = `${user.username}@${domain}`;
      for (const algorithm of ['', ', algorithm=AKAv1-MD5']) {
        const value = `username="${name}", realm="${domain}", nonce="", uri="sip:${domain}", response=""`;
        const headers = [`Authorization: Digest ${value}${algorithm}`, `Contact: <${uri}>`];
        const answer = await agent.request({ ...request, headers });
        expectStatus(answer, 401);
        expectTrue(answer.rows('www-authenticate').length > 0, 'a challenge');
      }
    },
  },
];
