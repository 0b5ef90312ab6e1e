import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus } from '../expectations.ts';
import { exchange, fetchBindings, formatRegister, registered, urisOf } from '../registering.ts';

/** Writes header names otherwise: { Via: 'v' } makes "Via: …" to "v: …". */
function rename(text: string, names: Readonly<Record<string, string>>): string {
  return Object.entries(names).reduce(
    (renamed, [from, to]) => renamed.replaceAll(`\r\n${from}:`, `\r\n${to}:`),
    text,
  );
}

const compact = {
  Via: 'v',
  From: 'f',
  To: 't',
  'Call-ID': 'i',
  Contact: 'm',
  'Content-Length': 'l',
};

export const cases: readonly ConformanceCase[] = [
  {
    row: 'M1',
    title: 'compact names only',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, {
        contact: '<sip:compact@192.0.2.1>',
        headers: ['Supported: path', 'Content-Type: text/plain'],
        body: 'x',
        edit: (text) => rename(text, { ...compact, Supported: 'k', 'Content-Type': 'c' }),
      });
      expectEqual(urisOf(answer), ['sip:compact@192.0.2.1'], 'bindings');
    },
  },
  {
    row: 'M1',
    title: 'both forms of one header',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        contact: '<sip:one@192.0.2.1>',
        headers: ['m: <sip:two@192.0.2.2>'],
      });
      const uris = (await fetchBindings(agent, user)).map(({ uri }) => uri);
      expectEqual(uris, ['sip:one@192.0.2.1', 'sip:two@192.0.2.2'], 'bindings');
    },
  },
  {
    row: 'M2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, {
        contact: '<sip:any-case@192.0.2.1>',
        edit: (text) =>
          rename(text, {
            CSeq: 'cSeQ',
            Contact: 'CONTACT',
            Via: 'vIa',
            To: 'tO',
            'Call-ID': 'CALL-id',
            Authorization: 'aUTHORIZATION',
          }),
      });
      expectEqual((await fetchBindings(agent, user)).length, 1, 'number of bindings');
    },
  },
  {
    row: 'M3',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user, {
        edit: (each) => each.replace('REGISTER sip:', 'register sip:').replace(' REGISTER\r', ' register\r'),
      });
      expectStatus(await exchange(agent, text), 501);
      expectEqual((await fetchBindings(agent, user)).length, 0, 'number of bindings');
    },
  },
];
