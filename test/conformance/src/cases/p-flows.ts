import { SipAgent } from '@rollcall/testkit';
import { answer, nextRequest, openPhone, routeRows, wayTo } from '../calling.ts';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { lookUp } from '../looking-up.ts';
import { expectSilence, pause, registered } from '../registering.ts';

/** Path stored with the user's bindings, one list each. */
async function pathsOf(target: ConformanceTarget, aor: string): Promise<(readonly string[])[]> {
  return (await lookUp(target, aor)).map(({ path }) => path);
}

/** Waits for what is told from edge to registrar to location. */
async function untilBound(
  target: ConformanceTarget,
  aor: string,
  contacts: readonly string[],
): Promise<void> {
  for (let tries = 0; tries < 40; tries += 1) {
    const bound = (await lookUp(target, aor)).map(({ contact }) => contact);
    if (bound.join() === contacts.join()) return;
    await pause(50);
  }
  const bound = (await lookUp(target, aor)).map(({ contact }) => contact);
  expectEqual(bound, [...contacts], 'what is bound');
}

export const cases: readonly ConformanceCase[] = [
  ...(['udp', 'tcp'] as const).map(
    (transport) =>
      ({
        row: 'PA4',
        title: `a call to a phone behind a ${transport} flow`,
        run: async (target) => {
          const phone = await openPhone(target, { agent: target.agent(transport), regId: 1 });
          const caller = target.agent();
          const way = await wayTo(caller, phone.user);
          expectEqual(
            [way.uri, way.route],
            [phone.uri, (await pathsOf(target, phone.user.aor))[0]],
            'the way',
          );
          const answered = caller.request({ method: 'INVITE', uri: way.uri, headers: routeRows(way) });
          const invite = await nextRequest(phone.agent);
          expectEqual([invite.requestUri, invite.route], [phone.uri, []], 'Request-URI and Route');
          await answer(phone.agent, invite, 200);
          expectStatus(await answered, 200);
        },
      }) satisfies ConformanceCase,
  ),
  {
    row: 'PA5',
    title: 'told to those who say path; kept for those who need it',
    run: async (target) => {
      const [plain, needy, knowing] = [target.agent('udp'), target.agent('tcp'), target.agent('tcp')];
      const paths = [];
      for (const [agent, headers] of [
        [plain, []],
        [needy, []],
        [knowing, ['Supported: path']],
      ] as const) {
        const user = target.freshUser();
        const contact = await agent.contactFor(user.username);
        const told = (await registered(agent, user, { contact, headers })).path.length;
        paths.push([told, (await pathsOf(target, user.aor))[0]?.length]);
      }
      expectEqual(
        paths,
        [
          [0, 0],
          [0, 1],
          [1, 1],
        ],
        'Path told and kept',
      );
    },
  },
  {
    row: 'OB6',
    run: async (target) => {
      const phone = await openPhone(target, { regId: 1 });
      const [[path = '', ...more] = []] = await pathsOf(target, phone.user.aor);
      const { host, port } = target.sip;
      expectMatch(path, new RegExp(`^<sip:[A-Za-z0-9_-]{40,}@${host}:${port};lr;ob>$`), 'Path');
      expectEqual(more, [], 'further values');
      const other = await openPhone(target, { regId: 1 });
      expectTrue((await pathsOf(target, other.user.aor))[0]?.[0] !== path, 'each flow has its own');
    },
  },
  {
    row: 'OB7',
    run: async (target) => {
      const [phone, caller] = [await openPhone(target, { regId: 1 }), target.agent()];
      const way = await wayTo(caller, phone.user);
      const [path = ''] = way.route;
      const send = (route: string) =>
        caller.request({ method: 'MESSAGE', uri: way.uri, headers: [`Route: ${route}`] });
      const start = path.indexOf(':') + 1;
      const length = path.indexOf('@') - start;
      for (const at of [0, 7, Math.floor(length / 2), length - 1].map((offset) => start + offset)) {
        const changed = path.slice(0, at) + (path[at] === 'A' ? 'B' : 'A') + path.slice(at + 1);
        expectStatus(await send(changed), 403);
      }
      await expectSilence(phone.agent, 300);
      await phone.agent.close();
      await untilBound(target, phone.user.aor, []);
      expectStatus(await send(path), 430);
    },
  },
  {
    row: 'OB8',
    title: 'a token leads to its edge by way of another one',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      await using agent = new SipAgent({ transport: 'tcp', server: lab.secondSip });
      const [phone, caller] = [await openPhone(lab, { agent, regId: 1 }), lab.agent()];
      await openPhone(lab, { regId: 1 });
      const way = await wayTo(caller, phone.user);
      expectTrue((way.route[0] ?? '').includes(`:${lab.secondSip.port};`), 'the Path names the second edge');
      const answered = caller.request({ method: 'INVITE', uri: way.uri, headers: routeRows(way) });
      const invite = await nextRequest(phone.agent);
      expectEqual(invite.vias.length, 3, 'number of Vias');
      await answer(phone.agent, invite, 200);
      expectStatus(await answered, 200);
      await agent.close();
      await untilBound(lab, phone.user.aor, []);
      const headers = routeRows(way);
      expectStatus(await caller.request({ method: 'MESSAGE', uri: way.uri, headers }), 430);
    },
  },
  {
    row: 'OB9',
    title: 'the other flow when the most recent one has ended',
    run: async (target) => {
      const caller = target.agent();
      const first = await openPhone(target, { regId: 1 });
      await pause(20);
      const second = await openPhone(target, { regId: 2, user: first.user });
      expectEqual((await wayTo(caller, first.user)).uri, second.uri, 'the most recent one');
      await second.agent.close();
      await untilBound(target, first.user.aor, [first.uri]);
      const way = await wayTo(caller, first.user);
      expectEqual(way.uri, first.uri, 'the other one');
      const answered = caller.request({ method: 'INVITE', uri: way.uri, headers: routeRows(way) });
      await answer(first.agent, await nextRequest(first.agent), 200);
      expectStatus(await answered, 200);
    },
  },
  {
    row: 'OB12',
    title: 'in the 200',
    run: async (target) => {
      const timers = [];
      for (const headers of [['Supported: path, outbound'], ['Supported: path']]) {
        const [agent, user] = [target.agent('tcp'), target.freshUser()];
        const contact = `${await agent.contactFor('x')};+sip.instance="<urn:uuid:1>";reg-id=1`;
        timers.push((await registered(agent, user, { contact, headers })).row('flow-timer'));
      }
      expectEqual(timers, ['120', undefined], 'Flow-Timer with and without outbound');
    },
  },
  {
    row: 'OB12',
    title: 'who is silent for longer is gone',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { EDGE_FLOW_TIMER: '4' } });
      const [silent, alive] = [await openPhone(target, { regId: 1 }), await openPhone(target, { regId: 1 })];
      const startedAtMs = performance.now();
      const ping = setInterval(() => void alive.agent.sendText('\r\n\r\n'), 3000);
      try {
        while ((await lookUp(target, silent.user.aor)).length > 0 && performance.now() - startedAtMs < 15_000)
          await pause(100);
      } finally {
        clearInterval(ping);
      }
      expectTrue(performance.now() - startedAtMs > 4000, 'longer than the Flow-Timer');
      expectEqual(await lookUp(target, silent.user.aor), [], 'what is bound to the silent one');
      expectEqual((await lookUp(target, alive.user.aor)).length, 1, 'number of bindings of the other one');
    },
  },
  {
    row: 'OB13',
    title: 'the other flow stays',
    run: async (target) => {
      const first = await openPhone(target, { regId: 1 });
      const second = await openPhone(target, { regId: 2, user: first.user });
      await first.agent.close();
      await untilBound(target, first.user.aor, [second.uri]);
      await second.agent.close();
      await untilBound(target, first.user.aor, []);
      expectStatus(await target.agent().request({ method: 'INVITE', uri: first.user.aor }), 480);
    },
  },
  {
    row: 'OB13',
    title: 'a phone that is back before its old flow ends keeps what is new',
    run: async (target) => {
      const before = await openPhone(target, { regId: 1 });
      const after = await openPhone(target, { regId: 1, user: before.user });
      await before.agent.close();
      await pause(500);
      await untilBound(target, before.user.aor, [after.uri]);
    },
  },
];
