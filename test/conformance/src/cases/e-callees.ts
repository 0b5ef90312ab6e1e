import type { SipAgent } from '@rollcall/testkit';
import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { contactsOf, register, registered, urisOf } from '../registering.ts';
import { domain, type TestUser } from '../test-users.ts';

/** Subscribers in each administrative state: what callers get for each, whether or not its phones are bound. */
const states = [
  ['blocked', 'state: blocked', 403],
  ['gone', 'state: gone', 410],
  ['moved', 'state: moved, movedTo: "sip:new@example.org;x=1"', 301],
] as const;

function userOf(username: string): TestUser {
  return { username, password: `secret-of-${username}`, aor: `sip:${username}@${domain}` };
}

const subscribers = [
  ...states.map(
    ([name, state]) =>
      `- { username: ${name}, domain: ${domain}, password: ${userOf(name).password}, ${state} }\n`,
  ),
  `- { username: smith, domain: ${domain}, state: ambiguous }\n`,
  `- { username: number, domain: ${domain}, password: a-password, numbers: [+12145550101] }\n`,
].join('');

async function statusOf(agent: SipAgent, uri: string, method = 'INVITE'): Promise<number> {
  return (await agent.request({ method, uri })).status;
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'D12',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const [camera, desk, plain] = ['sip:camera@192.0.2.1', 'sip:desk@192.0.2.2', 'sip:plain@192.0.2.3'];
      // Of the same q; the one registered last would come first without preferences.
      await registered(agent, user, {
        contact: `<${camera}>;audio;video;foo=kept, <${desk}>;audio;+sip.message="TRUE", <${plain}>;q=0.1`,
      });
      const headers = ['Accept-Contact: *;audio;video'];
      const answer = await agent.request({ method: 'INVITE', uri: user.aor, headers });
      expectStatus(answer, 302);
      expectEqual(urisOf(answer), [camera, desk, plain], 'order of the contacts');
      const milli = contactsOf(answer).map(({ qMilli }) => qMilli ?? 1000);
      expectEqual(
        milli,
        [...new Set(milli)].toSorted((one, other) => other - one),
        'q, each lower',
      );
      expectEqual(
        contactsOf(answer).map(({ otherParams }) => otherParams),
        [';foo=kept', '', ''],
        'parameters: no features',
      );
    },
  },
  {
    row: 'D14',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ subscribers });
      const [agent, moved] = [target.agent(), userOf('moved')];
      // It registers as ever, and its callers are told the new address all the same.
      await registered(agent, moved);
      for (const method of ['INVITE', 'MESSAGE', 'OPTIONS']) {
        const answer = await agent.request({ method, uri: moved.aor });
        expectStatus(answer, 301);
        expectEqual(urisOf(answer), ['sip:new@example.org;x=1'], 'contacts of the 301');
      }
    },
  },
  {
    row: 'D15',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ subscribers });
      const agent = target.agent();
      for (const [name, , status] of states)
        expectEqual(await statusOf(agent, userOf(name).aor), status, `answer for who is ${name}`);
      for (const name of ['blocked', 'gone']) expectStatus(await register(agent, userOf(name)), 403);
      const ambiguous = await agent.request({ method: 'INVITE', uri: `sip:smith@${domain}` });
      expectStatus(ambiguous, 485);
      expectEqual(ambiguous.rows('contact').length, 0, 'names told of whom it could mean');
      for (const uri of ['tel:+1214555', `sip:+1-214-555@${domain};user=phone`])
        expectEqual(await statusOf(agent, uri), 484, `answer for the beginning of a number, ${uri}`);
      expectEqual(await statusOf(agent, 'tel:+12145550101'), 480, 'answer for the number');
      expectEqual(await statusOf(agent, 'tel:+1415'), 404, "answer for nobody's number");
    },
  },
  {
    row: 'CP5',
    title: 'no-fork: the best one',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: '<sip:a@192.0.2.1>;q=0.2, <sip:b@192.0.2.2>;q=0.9' });
      const headers = ['Request-Disposition: no-fork'];
      const answer = await agent.request({ method: 'INVITE', uri: user.aor, headers });
      expectStatus(answer, 302);
      expectEqual(urisOf(answer), ['sip:b@192.0.2.2'], 'contacts');
    },
  },
  {
    row: 'FC1',
    title: 'added for push, and kept from a proxy',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { REGISTRAR_PUSH_PROVIDERS: 'apns' } });
      const [agent, user] = [target.agent(), target.freshUser()];
      const own = await registered(agent, user, {
        contact: '<sip:phone@192.0.2.1;pn-provider=apns;pn-prid=one>',
      });
      expectTrue(
        own.values('feature-caps').includes('*;+sip.pns="apns"'),
        `+sip.pns of ours: received ${own.values('feature-caps')}`,
      );
      // A proxy on the way serves a push service that we do not: then it is no matter of ours (RFC 8599 §5.3.1).
      const foreign = { contact: '<sip:other@192.0.2.2;pn-provider=fcm;pn-prid=two>' };
      expectStatus(await register(agent, user, foreign), 555);
      expectStatus(
        await register(agent, user, { ...foreign, headers: ['Feature-Caps: *;+sip.pns="fcm"'] }),
        200,
      );
    },
  },
];
