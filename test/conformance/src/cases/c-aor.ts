import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { fetchContacts, register, registered, urisOf } from '../registering.ts';
import { admin, sponsored, type TestUser } from '../test-users.ts';

const contact = '<sip:here@192.0.2.1>';

function sponsoredUser(index: number): TestUser {
  const user = sponsored[index];
  if (user === undefined) throw new Error('so many users are not sponsored');
  return user;
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'R10.3-0a',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, { headers: ['Record-Route: <sip:proxy.invalid;lr>'] });
      expectEqual(answer.rows('record-route'), [], 'Record-Route');
    },
  },
  {
    row: 'R10.3-1a',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await register(agent, user, { requestUri: 'sip:other.org' }), 404, 403);
      const plain = await agent.request({ method: 'REGISTER', uri: 'sip:other.org', to: 'sip:a@other.org' });
      expectStatus(plain, 404, 403);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-1b',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, { requestUri: user.aor, contact });
      expectEqual(urisOf(answer), ['sip:here@192.0.2.1'], 'bindings');
    },
  },
  {
    row: 'R10.3-1c',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { requestUri: 'sip:EXAMPLE.com:5060;transport=udp', contact });
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'R10.3-2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const headers = ['Require: zz', `Contact: ${contact}`];
      const plain = await agent.request({
        method: 'REGISTER',
        uri: 'sip:example.com',
        to: user.aor,
        headers,
      });
      expectStatus(plain, 420, 401);
      const answer = await register(agent, user, { headers: ['Require: zz'] });
      expectStatus(answer, 420);
      expectEqual(answer.values('unsupported'), ['zz'], 'Unsupported');
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact });
      const before = await fetchContacts(agent, user);
      for (const change of ['<sip:thief@192.0.2.6>', '*'] as const) {
        const headers = change === '*' ? ['Expires: 0'] : [];
        const answer = await register(agent, { ...user, password: 'guessed' }, { contact: change, headers });
        expectStatus(answer, 401);
        expectTrue(answer.rows('www-authenticate').length > 0, 'a challenge');
      }
      expectEqual((await fetchContacts(agent, user)).length, before.length, 'number of bindings');
    },
  },
  {
    row: 'R10.3-4a',
    run: async (target) => {
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      await registered(agent, user, { contact });
      expectStatus(await register(agent, other, { to: user.aor, from: user.aor }), 403);
      expectStatus(
        await register(agent, other, { to: user.aor, contact: '*', headers: ['Expires: 0'] }),
        403,
      );
      expectStatus(await register(agent, other, { to: user.aor, contact: '' }), 403);
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'R10.3-4b',
    run: async (target) => {
      const [agent, user] = [target.agent(), sponsoredUser(0)];
      await registered(agent, admin, { to: user.aor, contact });
      expectEqual((await fetchContacts(agent, user)).length, 1, 'bindings of the sponsored');
      expectEqual(await fetchContacts(agent, admin), [], 'bindings of the third party');
    },
  },
  {
    row: 'R10.3-5a',
    run: async (target) => {
      const [agent, user, bystander] = [target.agent(), sponsoredUser(1), target.freshUser()];
      await registered(agent, admin, {
        to: user.aor,
        from: bystander.aor,
        requestUri: 'sip:example.com',
        contact: `<${bystander.aor.replace('example.com', '192.0.2.1')}>`,
      });
      expectEqual((await fetchContacts(agent, user)).length, 1, 'bindings of To');
      expectEqual(await fetchContacts(agent, bystander), [], 'bindings of From');
    },
  },
  {
    row: 'R10.3-5b',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await register(agent, user, { to: user.aor.replace('example.com', 'other.org') }), 404);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-5c',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        to: `sip:%75${user.username.slice(1)}@EXAMPLE.COM:5060;user=phone;transport=tcp`,
        contact,
      });
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'R10.3-5d',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const other = `sip:${user.username.toUpperCase()}@example.com`;
      expectStatus(await register(agent, user, { to: other }), 401, 403, 404);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-5e',
    title: 'escapes are decoded once',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const other = `sip:%2575${user.username.slice(1)}@example.com`;
      expectStatus(await register(agent, user, { to: other }), 401, 403, 404);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-5e',
    title: 'NUL ends no name',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const other = `sip:${user.username}%00@example.com`;
      expectStatus(await register(agent, user, { to: other }), 401, 403, 404);
      expectStatus(await agent.request({ method: 'INVITE', uri: other }), 404);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-5f',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const to of ['tel:+1212', 'isbn:2983792873', 'mailto:a@example.com'])
        expectStatus(await register(agent, user, { to }), 400, 416);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-5g',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        to: user.aor.replace('sip:', 'sips:'),
        contact: '<sips:safe@192.0.2.1>',
      });
      await registered(agent, user, { contact });
      expectEqual((await fetchContacts(agent, user)).length, 2, 'number of bindings');
    },
  },
];
