import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectStatus } from '../expectations.ts';
import {
  exchange,
  expectSilence,
  fetchContacts,
  formatRegister,
  register,
  registered,
} from '../registering.ts';

/** A REGISTER that would succeed, changed, must get one of the statuses and bind nothing. */
async function refused(
  target: ConformanceTarget,
  edit: (text: string) => string,
  ...statuses: readonly number[]
): Promise<void> {
  const [agent, user] = [target.agent(), target.freshUser()];
  expectStatus(await register(agent, user, { edit }), ...statuses);
  expectEqual(await fetchContacts(agent, user), [], 'bindings');
}

const twice = (name: string) => (text: string) =>
  text.replace(new RegExp(`\r\n(${name}: [^\r]*)`), '\r\n$1\r\n$1');

export const cases: readonly ConformanceCase[] = [
  ...['From', 'To', 'Call-ID', 'CSeq'].map(
    (name) =>
      ({
        row: 'M10',
        title: `without ${name}`,
        run: (target) => refused(target, (text) => text.replace(new RegExp(`\r\n${name}: [^\r]*`), ''), 400),
      }) satisfies ConformanceCase,
  ),
  {
    row: 'M10',
    title: 'without Via there is no way for an answer',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const text = await formatRegister(agent, user, { edit: (each) => each.replace(/\r\nVia: [^\r]*/, '') });
      await agent.sendText(text);
      await expectSilence(agent, 700);
      expectEqual(await fetchContacts(agent, user), [], 'bindings');
    },
  },
  {
    row: 'M10',
    title: 'without Max-Forwards',
    run: async (target) => {
      await registered(target.agent(), target.freshUser(), {
        edit: (text) => text.replace(/\r\nMax-Forwards: [^\r]*/, ''),
      });
    },
  },
  ...[
    '4294967296 REGISTER',
    '1 INVITE',
    '-1 REGISTER',
    'one REGISTER',
    '1',
    '99999999999999999999 REGISTER',
  ].map(
    (cseq) =>
      ({
        row: 'M11',
        title: `CSeq: ${cseq}`,
        run: (target) =>
          refused(target, (text) => text.replace(/\r\nCSeq: [^\r]*/, `\r\nCSeq: ${cseq}`), 400),
      }) satisfies ConformanceCase,
  ),
  ...[2 ** 31 - 1, 2 ** 32 - 1].map(
    (cseq) =>
      ({
        row: 'M11',
        title: `CSeq: ${cseq} is accepted`,
        run: async (target) => {
          await registered(target.agent(), target.freshUser(), { cseq });
        },
      }) satisfies ConformanceCase,
  ),
  ...['Call-ID', 'From', 'To', 'CSeq', 'Max-Forwards'].map(
    (name) =>
      ({
        row: 'M12',
        title: `two ${name}`,
        run: (target) => refused(target, twice(name), 400),
      }) satisfies ConformanceCase,
  ),
  {
    row: 'M12',
    title: 'two equal Content-Length desync no stream',
    run: async (target) => {
      const [agent, user] = [target.agent('tcp'), target.freshUser()];
      const answer = await register(agent, user, { edit: twice('Content-Length') });
      expectStatus(answer, 200, 400);
      if (answer.status === 200)
        expectEqual((await fetchContacts(agent, user)).length, 1, 'number of bindings');
      else expectEqual(await fetchContacts(target.agent(), user), [], 'bindings');
    },
  },
  {
    row: 'M12',
    title: 'two Expires in a REGISTER',
    run: (target) =>
      refused(target, (text) => text.replace('\r\nTo:', '\r\nExpires: 600\r\nExpires: 0\r\nTo:'), 400),
  },
  {
    row: 'M12',
    title: 'two Content-Length that differ',
    run: (target) =>
      refused(target, (text) => text.replace('\r\nContent-Length: 0', '\r\nContent-Length: 0\r\nl: 3'), 400),
  },
  {
    row: 'M14',
    title: 'SIP/7.0',
    run: (target) => refused(target, (text) => text.replace(' SIP/2.0\r\n', ' SIP/7.0\r\n'), 505),
  },
  {
    row: 'M14',
    title: 'sip/2.0',
    run: async (target) => {
      await registered(target.agent(), target.freshUser(), {
        edit: (text) => text.replace(' SIP/2.0\r\n', ' sip/2.0\r\n'),
      });
    },
  },
  ...(
    [
      ['<> round the URI', 'OPTIONS <sip:example.com> SIP/2.0', [400]],
      ['a space in the URI', 'OPTIONS sip:example.com; lr SIP/2.0', [400]],
      ['two spaces', 'OPTIONS  sip:example.com SIP/2.0', [400]],
      ['a tab for a space', 'OPTIONS\tsip:example.com\tSIP/2.0', [400]],
      ['a trailing space', 'OPTIONS sip:example.com SIP/2.0 ', [400, 200]],
    ] as const
  ).map(
    ([title, line, statuses]) =>
      ({
        row: 'M15',
        title,
        run: async (target) => {
          const agent = target.agent();
          const text = await agent.format({ method: 'OPTIONS', uri: 'sip:example.com' });
          expectStatus(await exchange(agent, text.replace(/^[^\r]*/, line)), ...statuses);
        },
      }) satisfies ConformanceCase,
  ),
  {
    row: 'M16',
    title: 'stream',
    run: async (target) => {
      const [agent, user] = [target.agent('tcp'), target.freshUser()];
      await agent.sendText(`\r\n\r\n${await formatRegister(agent, user)}`);
      expectEqual(await agent.nextText(), '\r\n', 'answer to the keep-alive');
      expectEqual((await agent.nextText()).slice(0, 12), 'SIP/2.0 200 ', 'answer to the REGISTER');
    },
  },
  {
    row: 'M16',
    title: 'datagram',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await exchange(agent, `\r\n\r\n${await formatRegister(agent, user)}`), 200);
    },
  },
];
