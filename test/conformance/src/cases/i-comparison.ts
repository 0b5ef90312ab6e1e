import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual } from '../expectations.ts';
import { fetchBindings, fetchContacts, registered, urisOf } from '../registering.ts';

/** Two contact URIs, and how many bindings they make. */
type Pair = readonly [row: string, left: string, right: string, bindings: 1 | 2];

const pairs: readonly Pair[] = [
  ['C1', 'sip:Alice@192.0.2.1', 'sip:alice@192.0.2.1', 2],
  ['C2', 'sip:%61lice@atlanta.example;transport=TCP', 'SIP:alice@AtLanTa.ExAmPlE;Transport=tcp', 1],
  ['C3', 'sip:a@192.0.2.1', 'sip:a@192.0.2.1:5060', 2],
  ['C4', 'sip:a@192.0.2.1', 'sip:a@192.0.2.1;transport=udp', 2],
  ['C5', 'sip:a@192.0.2.1;user=phone', 'sip:a@192.0.2.1', 2],
  ['C5', 'sip:a@192.0.2.1', 'sip:a@192.0.2.1;maddr=192.0.2.9', 2],
  ['C5', 'sip:a@192.0.2.1;ttl=1', 'sip:a@192.0.2.1', 2],
  ['C5', 'sip:a@192.0.2.1;method=INVITE', 'sip:a@192.0.2.1', 2],
  ['C6', 'sip:a@192.0.2.1;newparam=5', 'sip:a@192.0.2.1', 1],
  ['C6', 'sip:a@192.0.2.1;security=on', 'sip:a@192.0.2.1;security=off', 2],
  ['C7', 'sip:a@192.0.2.1;a=1;b=2', 'sip:a@192.0.2.1;b=2;a=1', 1],
  ['C8', 'sip:a@192.0.2.1?subject=a&priority=u', 'sip:a@192.0.2.1?priority=u&subject=a', 1],
  ['C8', 'sip:a@192.0.2.1?subject=a', 'sip:a@192.0.2.1', 2],
  ['C9', 'sip:a%2Db@192.0.2.1', 'sip:a-b@192.0.2.1', 1],
  ['C9', 'sip:a%3Bb@192.0.2.1', 'sip:a;b@192.0.2.1', 2],
  ['C10', 'sip:a%2db@192.0.2.1', 'sip:a%2Db@192.0.2.1', 1],
  ['C10', 'sip:a@192.0.2.1;p=value%2541', 'sip:a@192.0.2.1;p=value%41', 2],
  ['C11', 'sip:a@192.0.2.1', 'sips:a@192.0.2.1', 2],
  ['C12', 'sip:a:pw@192.0.2.1', 'sip:a@192.0.2.1', 2],
  ['C12', 'sip:a:pw@192.0.2.1', 'sip:a:PW@192.0.2.1', 2],
  ['C13', 'sip:a@localhost', 'sip:a@127.0.0.1', 2],
  ['C14', 'sip:a@[2001:DB8::1]', 'sip:a@[2001:db8:0:0:0:0:0:1]', 1],
];

/** The left contact, then the right one by another Call-ID, so that only the comparison decides. */
async function comparePair(target: ConformanceTarget, [, left, right, bindings]: Pair): Promise<void> {
  const [agent, user] = [target.agent(), target.freshUser()];
  await registered(agent, user, { contact: `<${left}>` });
  const answer = await registered(agent, user, { contact: `<${right}>` });
  const expected = bindings === 1 ? [right] : [left, right];
  expectEqual(urisOf(answer).toSorted(), expected.toSorted(), 'contacts of the 200');
  const fetched = (await fetchBindings(agent, user)).map(({ uri }) => uri);
  expectEqual(fetched.toSorted(), expected.toSorted(), 'contacts fetched');
}

export const cases: readonly ConformanceCase[] = [
  ...pairs.map((pair) => ({
    row: pair[0],
    title: `${pair[1]} and ${pair[2]} are ${pair[3]}`,
    run: (target: ConformanceTarget) => comparePair(target, pair),
  })),
  {
    row: 'C15',
    title: 'equal to two that are not equal',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      for (const security of ['on', 'off'])
        await registered(agent, user, { contact: `<sip:a@192.0.2.1;security=${security}>` });
      expectEqual((await fetchContacts(agent, user)).length, 2, 'number of bindings');
      await registered(agent, user, { contact: '<sip:a@192.0.2.1>' });
      const left = (await fetchBindings(agent, user)).map(({ uri }) => uri);
      expectEqual(left, ['sip:a@192.0.2.1'], 'contacts fetched');
    },
  },
];
