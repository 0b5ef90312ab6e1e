import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import {
  contactsOf,
  exchange,
  fetchBindings,
  fetchContacts,
  formatRegister,
  freshBranch,
  freshCallId,
  pause,
  register,
  registered,
  urisOf,
} from '../registering.ts';

const one = '<sip:one@192.0.2.1>';
const two = '<sip:two@192.0.2.2>';
const oneUri = 'sip:one@192.0.2.1';
const twoUri = 'sip:two@192.0.2.2';

/** Within two seconds of what is expected, and not above. */
function expectAbout(actual: number | undefined, expected: number, what: string): void {
  expectTrue(
    actual !== undefined && actual <= expected && actual >= expected - 2,
    `${what}: expected about ${expected}, received ${actual}`,
  );
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'R10.3-6a',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `${one}, ${two}`, headers: ['Expires: 600'] });
      await pause(2100);
      const fetched = await fetchBindings(agent, user);
      expectEqual(
        fetched.map(({ uri }) => uri),
        [oneUri, twoUri],
        'bindings',
      );
      for (const { expiresSec } of fetched)
        expectTrue((expiresSec ?? 600) <= 598, `less than 599 s left, not ${expiresSec}`);
    },
  },
  {
    row: 'R10.3-6b',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `${one}, ${two}` });
      const answer = await registered(agent, user, { contact: '*', headers: ['Expires: 0'] });
      expectEqual(answer.rows('contact'), [], 'Contact');
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
      expectStatus(await agent.request({ method: 'INVITE', uri: user.aor }), 480);
    },
  },
  ...(
    [
      ['Expires: 3600', '*', ['Expires: 3600']],
      ['no Expires', '*', []],
      ['expires as a parameter', '*;expires=0', []],
      ['expires as a parameter and a header', '*;expires=0', ['Expires: 0']],
    ] as const
  ).map(
    ([title, contact, headers]) =>
      ({
        row: 'R10.3-6c',
        title,
        run: async (target) => {
          const [agent, user] = [target.agent(), target.freshUser()];
          await registered(agent, user, { contact: one });
          expectStatus(await register(agent, user, { contact, headers }), 400);
          expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
        },
      }) satisfies ConformanceCase,
  ),
  ...(
    [
      ['one row', `*, ${two}`, []],
      ['one row, the other way round', `${two}, *`, []],
      ['two rows', '*', [`Contact: ${two}`]],
      ['two rows, the other way round', two, ['Contact: *']],
    ] as const
  ).map(
    ([title, contact, headers]) =>
      ({
        row: 'R10.3-6d',
        title,
        run: async (target) => {
          const [agent, user] = [target.agent(), target.freshUser()];
          await registered(agent, user, { contact: one });
          expectStatus(await register(agent, user, { contact, headers: [...headers, 'Expires: 0'] }), 400);
          const uris = (await fetchBindings(agent, user)).map(({ uri }) => uri);
          expectEqual(uris, [oneUri], 'bindings');
        },
      }) satisfies ConformanceCase,
  ),
  {
    row: 'R10.3-6e',
    run: async (target) => {
      const [agent, user, callId] = [target.agent(), target.freshUser(), freshCallId()];
      await registered(agent, user, { contact: one, callId, cseq: 5 });
      await registered(agent, user, { contact: two });
      for (const cseq of [5, 4]) {
        const answer = await register(agent, user, { contact: '*', headers: ['Expires: 0'], callId, cseq });
        expectStatus(answer, 500, 400);
      }
      expectEqual((await fetchContacts(agent, user)).length, 2, 'number of bindings');
    },
  },
  {
    row: 'R10.3-7a',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const granted = async (contact: string, headers: readonly string[]) => {
        const bindings = contactsOf(await registered(agent, user, { contact, headers }));
        return bindings.find(({ uri }) => uri === oneUri)?.expiresSec;
      };
      expectEqual(await granted(`${one};expires=120`, ['Expires: 600']), 120, 'parameter over header');
      expectEqual(await granted(one, ['Expires: 600']), 600, 'header');
      expectEqual(await granted(one, []), 3600, 'default');
      const both = await registered(agent, user, {
        contact: `${one};expires=200, ${two}`,
        headers: ['Expires: 700'],
      });
      expectEqual(
        contactsOf(both).map(({ expiresSec }) => expiresSec),
        [200, 700],
        'each contact its own',
      );
    },
  },
  {
    row: 'R10.3-7b',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const [contact, headers] of [
        [one, ['Expires: 10']],
        [`${one};expires=59`, ['Expires: 600']],
      ] as const) {
        const answer = await register(agent, user, { contact, headers });
        expectStatus(answer, 423);
        expectEqual(answer.row('min-expires'), '60', 'Min-Expires');
      }
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
      await registered(agent, user, { contact: one, headers: ['Expires: 60'] });
      await registered(agent, user, { contact: one, headers: ['Expires: 0'] });
    },
  },
  {
    row: 'R10.3-7b',
    title: 'an hour is never too brief',
    slow: true,
    run: async (target) => {
      const own = await target.startOwn({
        kind: 'standalone',
        env: {
          REGISTRAR_MIN_EXPIRES: '7200',
          REGISTRAR_DEFAULT_EXPIRES: '7200',
          REGISTRAR_MAX_EXPIRES: '9000',
        },
      });
      const [agent, user] = [own.agent(), own.freshUser()];
      await registered(agent, user, { contact: one, headers: ['Expires: 3600'] });
      expectStatus(await register(agent, user, { contact: one, headers: ['Expires: 3599'] }), 423);
    },
  },
  {
    row: 'R10.3-7c',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `${one};q=0.1`, headers: ['Expires: 1000'] });
      const contact = `${one};q=0.9;expires=600, ${two};expires=5`;
      expectStatus(await register(agent, user, { contact }), 423);
      const [binding, ...others] = await fetchBindings(agent, user);
      expectEqual([binding?.uri, binding?.qMilli, others.length], [oneUri, 100, 0], 'bindings');
      expectAbout(binding?.expiresSec, 1000, 'seconds left');
    },
  },
  {
    row: 'R10.3-7d',
    run: async (target) => {
      const answer = await registered(target.agent(), target.freshUser(), {
        contact: one,
        headers: ['Expires: 999999'],
      });
      expectEqual(contactsOf(answer)[0]?.expiresSec, 7200, 'granted');
    },
  },
  {
    row: 'R10.3-7e',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const granted = async (contact: string, headers: readonly string[] = []) =>
        contactsOf(await registered(agent, user, { contact, headers }))[0]?.expiresSec;
      expectEqual(await granted(`${one};expires=abc`), 3600, 'malformed parameter');
      expectEqual(await granted(one, ['Expires: soon']), 3600, 'malformed header');
      expectEqual(await granted(one, ['Expires: 4294967296']), 7200, 'header beyond 32 bits');
      expectEqual(await granted(`${one};expires=99999999999999999999`), 7200, 'parameter beyond 64 bits');
    },
  },
  {
    row: 'R10.3-7f',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `${one}, ${two}` });
      const answer = await registered(agent, user, { contact: `${one};expires=0` });
      expectEqual(urisOf(answer), [twoUri], 'bindings');
      const again = await registered(agent, user, { contact: '<sip:unknown@192.0.2.3>;expires=0' });
      expectEqual(urisOf(again), [twoUri], 'bindings after the removal of an unknown one');
    },
  },
  {
    row: 'R10.3-7g',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: '<sip:%61lice@atlanta.invalid;transport=TCP>' });
      await registered(agent, user, { contact: '<SIP:alice@AtLanTa.invalid;Transport=tcp>' });
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'R10.3-7h',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `${one};q=0.1`, cseq: 900 });
      await registered(agent, user, { contact: `${one};q=0.7`, cseq: 1 });
      expectEqual(
        (await fetchBindings(agent, user)).map(({ qMilli }) => qMilli),
        [700],
        'q',
      );
      await registered(agent, user, { contact: `${one};expires=0`, cseq: 1 });
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'R10.3-7i',
    run: async (target) => {
      const [agent, user, callId] = [target.agent(), target.freshUser(), freshCallId()];
      await registered(agent, user, { contact: `${one};q=0.1`, callId, cseq: 5 });
      for (const cseq of [5, 4]) {
        const branch = freshBranch();
        const answer = await register(agent, user, { contact: `${two}, ${one};q=0.9`, callId, cseq, branch });
        expectStatus(answer, 500);
      }
      expectStatus(await register(agent, user, { contact: `${one};expires=0`, callId, cseq: 5 }), 500);
      const bindings = await fetchBindings(agent, user);
      expectEqual(
        bindings.map(({ uri, qMilli }) => [uri, qMilli]),
        [[oneUri, 100]],
        'bindings',
      );
      await registered(agent, user, { contact: `${one};q=0.9`, callId, cseq: 6 });
    },
  },
  {
    row: 'R10.3-7j',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const params = ';foo="b,c";audio;methods="INVITE,BYE";+sip.instance="<urn:uuid:1>";bar';
      await registered(agent, user, { contact: `${one};q=0.25${params}` });
      const [binding] = await fetchBindings(agent, user);
      const told = `${binding?.otherParams ?? ''};`;
      for (const each of [';foo="b,c";', ';audio;', ';methods="INVITE,BYE";', ';bar;'])
        expectTrue(told.includes(each), `${each} is told: ${told}`);
      expectEqual([binding?.qMilli, binding?.instanceId], [250, 'urn:uuid:1'], 'q and instance');
    },
  },
  {
    row: 'R10.3-7k',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      await registered(agent, user, { contact: one });
      const text = await formatRegister(agent, user, {
        contact: `${two}, <sip:three@192.0.2.3>, ${one};expires=0`,
      });
      const revive = await lab.killRedis();
      expectStatus(await exchange(agent, text), 500, 503);
      await revive();
      // Whatever becomes of the write that failed, it is all of it or nothing.
      const uris = (await fetchBindings(agent, user)).map(({ uri }) => uri);
      expectTrue(
        uris.join() === oneUri || uris.join() === [twoUri, 'sip:three@192.0.2.3'].join(),
        `all or nothing, not ${uris.join(', ')}`,
      );
    },
  },
  {
    row: 'R10.3-7l',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: '<sip:a@h.invalid>;q=0.2, <sip:a@H.invalid>;q=0.4',
      });
      expectEqual(urisOf(answer).length, 1, 'number of bindings');
      expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings fetched');
    },
  },
  {
    row: 'R10.3-7m',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const ten = Array.from({ length: 10 }, (_, index) => `<sip:p${index}@192.0.2.1>`);
      await registered(agent, user, { contact: ten.join(', ') });
      const contact = `<sip:p0@192.0.2.1>;expires=0, <sip:more@192.0.2.1>, <sip:evenmore@192.0.2.1>`;
      expectStatus(await register(agent, user, { contact }), 403);
      const uris = (await fetchBindings(agent, user)).map(({ uri }) => `<${uri}>`);
      expectEqual(uris, ten, 'bindings');
      await registered(agent, user, { contact: ten.join(', ') });
    },
  },
];
