import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectMatch, expectTrue } from '../expectations.ts';
import { contactsOf, fetchBindings, fetchContacts, pause, registered, urisOf } from '../registering.ts';

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
    row: 'R10.3-8a',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: one, headers: ['Expires: 1800'] });
      await pause(1100);
      const answer = contactsOf(await registered(agent, user, { contact: two, headers: ['Expires: 300'] }));
      expectEqual(
        answer.map(({ uri }) => uri),
        [oneUri, twoUri],
        'bindings',
      );
      expectAbout(answer[0]?.expiresSec, 1799, 'seconds left of the first');
      expectEqual(answer[1]?.expiresSec, 300, 'seconds of the second');
    },
  },
  {
    row: 'R10.3-8b',
    run: async (target) => {
      const answer = await registered(target.agent(), target.freshUser());
      const date = answer.row('date');
      expectMatch(date, /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/, 'Date');
      expectTrue(Math.abs(Date.parse(date ?? '') - Date.now()) < 3000, `the time is right: ${date}`);
    },
  },
  {
    row: 'R10.3-8c',
    slow: true,
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: `${one};expires=60, ${two};expires=61` });
      await pause(58_500);
      expectEqual(
        urisOf(await agent.request({ method: 'INVITE', uri: user.aor })).length,
        2,
        'targets after 58.5 s',
      );
      await pause(2700);
      const redirected = await agent.request({ method: 'INVITE', uri: user.aor });
      expectTrue(
        redirected.status === 480 || redirected.status === 404,
        `nobody after 61.2 s, not ${redirected.status}`,
      );
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
      const answer = await registered(agent, user, { contact: '<sip:three@192.0.2.3>' });
      expectEqual(urisOf(answer), ['sip:three@192.0.2.3'], 'bindings of the next 200');
    },
  },
  {
    row: 'R10.3-8d',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        contact: `${one};q=0.1;audio;expires=300`,
        headers: ['Supported: path', 'Path: <sip:p1.invalid;lr>'],
      });
      await registered(agent, user, {
        contact: `${one};q=0.5;video;expires=900`,
        headers: ['Supported: path', 'Path: <sip:p2.invalid;lr>'],
      });
      const [binding, ...others] = await fetchBindings(agent, user);
      expectEqual([binding?.qMilli, binding?.otherParams, others.length], [500, ';video', 0], 'binding');
      expectAbout(binding?.expiresSec, 900, 'seconds left');
      const target302 = (await agent.request({ method: 'INVITE', uri: user.aor })).row('contact') ?? '';
      expectTrue(target302.includes('p2.invalid') && !target302.includes('p1.invalid'), `Path: ${target302}`);
    },
  },
  {
    row: 'R10.3-8e',
    slow: true,
    run: async (target) => {
      const own = await target.startOwn({ kind: 'standalone', env: { REGISTRAR_MAX_CONTACTS: '60' } });
      const user = own.freshUser();
      const padding = 'x'.repeat(60);
      const contacts = Array.from(
        { length: 40 },
        (_, index) => `<sip:p${index}@192.0.2.1>;note="${padding}"`,
      );
      for (const transport of ['udp', 'tcp'] as const) {
        const agent = own.agent(transport);
        const answer = await registered(agent, user, { contact: contacts.join(', ') });
        expectEqual(contactsOf(answer).length, 40, `contacts over ${transport}`);
        expectEqual((await fetchContacts(agent, user)).length, 40, `contacts fetched over ${transport}`);
      }
    },
  },
  {
    row: 'R10.2-1',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { contact: '<mailto:alice@example.org>, <tel:+15551234>' });
      const uris = (await fetchBindings(agent, user)).map(({ uri }) => uri);
      expectEqual(uris, ['mailto:alice@example.org', 'tel:+15551234'], 'bindings');
    },
  },
  {
    row: 'R10.2-2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, { contact: 'sip:one@192.0.2.1, sip:two@192.0.2.2;q=0.5' });
      expectEqual(urisOf(answer).toSorted(), [oneUri, twoUri], 'bindings');
    },
  },
  {
    row: 'R10.2-3',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      const release = lab.hold('redirect');
      await agent.sendText(
        await agent.format({ method: 'INVITE', uri: user.aor, headers: ['Timestamp: 54'] }),
      );
      const trying = await agent.nextMessage();
      await release();
      expectTrue(trying.kind === 'response' && trying.status === 100, 'a 100');
      expectEqual(trying.row('timestamp'), '54', 'Timestamp');
    },
  },
];
