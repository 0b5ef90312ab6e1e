import type { ConformanceCase } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { register, registered } from '../registering.ts';

const server = 'sip:example.com';

/** Option tags registered with IANA that a registrar may meet. */
const known = [
  '100rel',
  'eventlist',
  'from-change',
  'gin',
  'gruu',
  'histinfo',
  'ice',
  'join',
  'multiple-refer',
  'norefersub',
  'outbound',
  'path',
  'precondition',
  'pref',
  'privacy',
  'recipient-list-invite',
  'replaces',
  'resource-priority',
  'sdp-anat',
  'sec-agree',
  'siprec',
  'tdialog',
  'timer',
  'trickle-ice',
  'uui',
];

export const cases: readonly ConformanceCase[] = [
  {
    row: 'O1',
    run: async (target) => {
      const answer = await target.agent().request({ method: 'OPTIONS', uri: server });
      expectStatus(answer, 200);
      for (const name of ['accept', 'accept-encoding', 'accept-language', 'supported', 'allow'])
        expectTrue(answer.row(name) !== undefined, `${name} is there`);
      expectEqual(answer.body.length, 0, 'length of the body');
    },
  },
  {
    row: 'O2',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user);
      expectStatus(await agent.request({ method: 'OPTIONS', uri: user.aor }), 302);
      expectStatus(await agent.request({ method: 'OPTIONS', uri: 'sip:carol@example.com' }), 480);
      expectStatus(await agent.request({ method: 'OPTIONS', uri: 'sip:nobody@example.com' }), 404);
    },
  },
  {
    row: 'O3',
    run: async (target) => {
      const agent = target.agent();
      const text = await agent.format({ method: 'OPTIONS', uri: server });
      await agent.sendText(text.replace('Max-Forwards: 70', 'Max-Forwards: 0'));
      const answer = await agent.nextMessage();
      expectTrue(answer.kind === 'response' && [200, 483].includes(answer.status), '200 or 483');
    },
  },
  {
    row: 'O4',
    run: async (target) => {
      const agent = target.agent();
      const supported = (await agent.request({ method: 'OPTIONS', uri: server })).values('supported');
      expectTrue(supported.length > 0, 'something is supported');
      for (const tag of new Set([...known, ...supported])) {
        const answer = await register(agent, target.freshUser(), { headers: [`Require: ${tag}`] });
        expectEqual([tag, answer.status], [tag, supported.includes(tag) ? 200 : 420], 'answer to Require');
        if (answer.status === 420) expectEqual(answer.values('unsupported'), [tag], 'Unsupported');
      }
    },
  },
];
