import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus } from '../expectations.ts';
import { lookUp } from '../looking-up.ts';
import { fetchContacts, freshCallId, register, registered, urisOf } from '../registering.ts';

const outer = '<sip:p1.example.org;lr>';
const inner = '<sip:p2.example.org;lr;ob>';
const supported = 'Supported: path';

export const cases: readonly ConformanceCase[] = [
  {
    row: 'PA1',
    title: 'two rows, one of them a list',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const third = '<sip:p3.example.org;lr>';
      const answer = await registered(agent, user, {
        headers: [supported, `Path: ${outer}, ${inner}`, `Path: ${third}`],
      });
      expectEqual(answer.path, [outer, inner, third], 'Path of the 200');
      const [binding] = await lookUp(target, user.aor);
      expectEqual(binding?.path, [outer, inner, third], 'Path stored');
    },
  },
  {
    row: 'PA2',
    title: 'accepted by default',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { headers: [`Path: ${outer}`] });
      const [binding] = await lookUp(target, user.aor);
      expectEqual(binding?.path, [outer], 'Path stored');
    },
  },
  {
    row: 'PA2',
    title: '420 by switch',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { REGISTRAR_PATH_WITHOUT_SUPPORTED: 'reject' } });
      const [agent, user] = [target.agent(), target.freshUser()];
      const refused = await register(agent, user, { headers: [`Path: ${outer}`] });
      expectStatus(refused, 420);
      expectEqual(refused.unsupported, ['path'], 'Unsupported');
      expectEqual((await fetchContacts(agent, user)).length, 0, 'number of bindings');
      await registered(agent, user, { headers: [supported, `Path: ${outer}`] });
    },
  },
  {
    row: 'PA3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const [one, other] = ['sip:one@192.0.2.1', 'sip:other@192.0.2.2'];
      await registered(agent, user, { contact: `<${one}>`, headers: [supported, `Path: ${outer}`] });
      await registered(agent, user, { contact: `<${other}>`, headers: [supported, `Path: ${inner}`] });
      const pathOf = async (uri: string) =>
        (await lookUp(target, user.aor)).find(({ contact }) => contact === uri)?.path;
      expectEqual([await pathOf(one), await pathOf(other)], [[outer], [inner]], 'Path of each contact');
      await registered(agent, user, { contact: `<${one}>`, headers: [supported], callId: freshCallId() });
      expectEqual([await pathOf(one), await pathOf(other)], [[], [inner]], 'Path after a refresh without');
    },
  },
  {
    row: 'PA6',
    title: 'Route in the Contact of the 302',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        contact: '<sip:phone@192.0.2.1>',
        headers: [supported, `Path: ${outer}`],
      });
      const answer = await agent.request({ method: 'INVITE', uri: user.aor });
      expectStatus(answer, 302);
      const [uri = '', route = ''] = (urisOf(answer)[0] ?? '').split('?Route=');
      expectEqual(uri, 'sip:phone@192.0.2.1', 'contact without its Route');
      // hnv-unreserved of RFC 3261 §25.1, unreserved, and escapes: nothing else may stand in a header of a URI.
      expectMatch(route, /^([\w\-.!~*'()[\]/?:+$]|%[0-9A-F]{2})+$/, 'characters of the Route');
      expectEqual(decodeURIComponent(route), outer, 'Route');
    },
  },
  {
    row: 'PA1',
    title: 'what is no route is refused',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const path of ['sip:proxy.example.org;lr', '<sip:proxy', '<tel:+12145550101>', '<sip:>'])
        expectStatus(await register(agent, user, { headers: [`Path: ${path}`, 'Supported: path'] }), 400);
      expectEqual((await fetchContacts(agent, user)).length, 0, 'number of bindings');
    },
  },
];
