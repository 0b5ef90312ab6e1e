import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { fetchBindings, register, registered, urisOf } from '../registering.ts';
import { domain, type TestUser } from '../test-users.ts';

const uri = 'sip:phone@192.0.2.1';
const instance = '+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"';
const pushed = (prid: string) => `${uri};pn-provider=apns;pn-param=TEAM.app;pn-prid=${prid}`;

function withProviders(row: string, run: (target: ConformanceTarget) => Promise<void>): ConformanceCase {
  const env = { REGISTRAR_PUSH_PROVIDERS: 'apns fcm' };
  return { row, slow: true, run: async (target) => run(await target.startOwn({ env })) };
}

export const cases: readonly ConformanceCase[] = [
  withProviders('PN2', async (target) => {
    const [agent, user] = [target.agent(), target.freshUser()];
    const answer = await registered(agent, user, { contact: `<${pushed('ABC')}>;${instance}` });
    expectTrue(
      (answer.row('feature-caps') ?? '').includes('+sip.pns="apns"'),
      `+sip.pns in Feature-Caps: received ${answer.row('feature-caps')}`,
    );
    const refused = await register(agent, user, { contact: `<${uri}2;pn-provider=xyz;pn-prid=1>` });
    expectStatus(refused, 555);
    expectEqual((await fetchBindings(agent, user)).length, 1, 'number of bindings');
  }),
  {
    row: 'PN2',
    title: 'as it is without any setting',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const refused = await register(agent, user, { contact: `<${uri};pn-provider=xyz;pn-prid=1>` });
      expectStatus(refused, 555);
      expectEqual((await fetchBindings(agent, user)).length, 0, 'number of bindings');
      for (const provider of ['apns', 'fcm', 'webpush']) {
        const contact = `<${uri};pn-provider=${provider};pn-prid=${provider}>`;
        const caps = (await registered(agent, user, { contact })).values('feature-caps').join(', ');
        expectTrue(caps.includes(`+sip.pns="${provider}"`), `${provider} in ${caps}`);
      }
    },
  },
  withProviders('PN3', async (target) => {
    const [agent, user] = [target.agent(), target.freshUser()];
    const answer = await registered(agent, user, { contact: `<${uri};pn-provider>` });
    const caps = answer.values('feature-caps').join(', ');
    for (const provider of ['apns', 'fcm'])
      expectTrue(caps.includes(`+sip.pns="${provider}"`), `${provider} in ${caps}`);
  }),
  withProviders('PN4', async (target) => {
    const [agent, user] = [target.agent(), target.freshUser()];
    await registered(agent, user, { contact: `<${pushed('OLD')}>;${instance}` });
    await registered(agent, user, { contact: `<${pushed('OLD')}>;${instance}` });
    const rotated = await registered(agent, user, { contact: `<${pushed('NEW')}>;${instance}` });
    expectEqual(urisOf(rotated), [pushed('NEW')], 'contacts after the push id has changed');
  }),
  {
    row: 'SR1',
    slow: true,
    run: async (shared) => {
      const route = '<sip:orig@out.example.com;lr>';
      const second = '<sip:core.example.com;lr>';
      const target = await shared.startOwn({ env: { REGISTRAR_SERVICE_ROUTE: `${route}, ${second}` } });
      const [agent, user] = [target.agent(), target.freshUser()];
      const answers = [await registered(agent, user), await registered(agent, user, { contact: '' })];
      for (const answer of answers)
        expectEqual(answer.serviceRoute, [route, second], 'Service-Route of a 200');
      const refused = [
        await register(agent, user, { headers: ['Expires: 10'] }),
        await agent.request({ method: 'REGISTER', uri: `sip:${domain}`, from: user.aor, to: user.aor }),
      ];
      expectEqual(
        refused.map(({ status, serviceRoute }) => [status, serviceRoute.length]),
        [
          [423, 0],
          [401, 0],
        ],
        'statuses and Service-Routes of failures',
      );
    },
  },
  {
    row: 'IM1',
    slow: true,
    run: async (shared) => {
      const user: TestUser = { username: 'ims', password: 'a-password', aor: `sip:ims@${domain}` };
      const target = await shared.startOwn({
        env: { REGISTRAR_P_ASSOCIATED_URI: 'true' },
        subscribers:
          `- { username: ims, domain: ${domain}, password: a-password, numbers: [+12145550101],` +
          ` aors: ["sip:sales@${domain}"] }\n`,
      });
      const agent = target.agent();
      for (const options of [{}, { contact: '' }]) {
        const uris = (await registered(agent, user, options)).values('p-associated-uri').join(', ');
        expectTrue(uris.startsWith(`<${user.aor}>`), `its own AOR first: received ${uris}`);
        for (const other of [`sip:sales@${domain}`, '+12145550101'])
          expectTrue(uris.includes(other), `${other} in P-Associated-URI: received ${uris}`);
      }
    },
  },
];
