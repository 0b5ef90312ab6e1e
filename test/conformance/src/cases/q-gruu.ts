import type { SipResponse } from '@rollcall/sip';
import type { SipAgent } from '@rollcall/testkit';
import type { ConformanceCase, ConformanceTarget } from '../conformance-case.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { contactsOf, freshCallId, registered, urisOf } from '../registering.ts';
import type { TestUser } from '../test-users.ts';

const instanceId = 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6';
const otherInstanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';
const phone = 'sip:phone@192.0.2.1';
const gruuSecrets = {
  REGISTRAR_GRUU_SECRETS: 'a-secret-of-gruus-for-tests',
};

interface Gruus {
  readonly publicGruu: string;
  readonly temporaryGruu: string;
}

/** The GRUUs that a 200 gives to one contact; '' where there is none. */
function gruusOf(answer: SipResponse, uri = phone): Gruus {
  const params = contactsOf(answer).find((contact) => contact.uri === uri)?.otherParams ?? '';
  const read = (name: string) => new RegExp(`;${name}="([^"]*)"`).exec(params)?.[1] ?? '';
  return { publicGruu: read('pub-gruu'), temporaryGruu: read('temp-gruu') };
}

interface Phone {
  readonly uri?: string;
  readonly id?: string;
  readonly callId?: string;
  readonly expires?: number;
}

function registerPhone(
  agent: SipAgent,
  user: TestUser,
  { uri = phone, id = instanceId, callId, expires }: Phone = {},
) {
  return registered(agent, user, {
    contact: `<${uri}>;+sip.instance="<${id}>"${expires === undefined ? '' : `;expires=${expires}`}`,
    headers: ['Supported: gruu'],
    ...(callId === undefined ? {} : { callId }),
  });
}

async function statusOf(agent: SipAgent, uri: string): Promise<number> {
  return (await agent.request({ method: 'INVITE', uri })).status;
}

/** How many characters two texts begin with alike. */
function sharedPrefix(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

function withSecrets(
  row: string,
  title: string,
  run: (target: ConformanceTarget) => Promise<void>,
): ConformanceCase {
  return { row, title, slow: true, run: async (target) => run(await target.startOwn({ env: gruuSecrets })) };
}

export const cases: readonly ConformanceCase[] = [
  withSecrets('G1', 'for those who support them', async (target) => {
    const [agent, user] = [target.agent(), target.freshUser()];
    const answer = await registerPhone(agent, user);
    const { publicGruu, temporaryGruu } = gruusOf(answer);
    expectEqual(publicGruu, `${user.aor};gr=${instanceId}`, 'pub-gruu');
    expectTrue(/^sip:[^@]+@example\.com;gr$/.test(temporaryGruu), `temp-gruu: received ${temporaryGruu}`);
    expectTrue(!answer.require.includes('gruu'), 'no Require: gruu');
  }),
  {
    row: 'G1',
    title: 'for nobody else',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const answer = await registered(agent, user, { contact: `<${phone}>;+sip.instance="<${instanceId}>"` });
      expectEqual(gruusOf(answer), { publicGruu: '', temporaryGruu: '' }, 'GRUUs without Supported: gruu');
      const bare = await registered(agent, user, { contact: `<${phone}>`, headers: ['Supported: gruu'] });
      expectEqual(gruusOf(bare), { publicGruu: '', temporaryGruu: '' }, 'GRUUs without an instance-id');
    },
  },
  {
    row: 'G2',
    run: async (target) => {
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      const first = gruusOf(await registerPhone(agent, user)).publicGruu;
      // Made of nothing but AOR and instance-id: so it outlives refreshes, expiry and restarts.
      expectEqual(first, `${user.aor};gr=${instanceId}`, 'pub-gruu');
      expectEqual(gruusOf(await registerPhone(agent, user)).publicGruu, first, 'pub-gruu after a refresh');
      await registerPhone(agent, user, { expires: 0 });
      expectEqual(gruusOf(await registerPhone(agent, user)).publicGruu, first, 'pub-gruu after the end');
      const another = await registerPhone(agent, user, { uri: 'sip:second@192.0.2.2', id: otherInstanceId });
      expectTrue(
        gruusOf(another, 'sip:second@192.0.2.2').publicGruu !== first,
        'another one of another instance',
      );
      expectTrue(
        gruusOf(await registerPhone(agent, other)).publicGruu !== first,
        'another one of another AOR',
      );
    },
  },
  withSecrets('G3', 'as long as the Call-ID', async (target) => {
    const [agent, user] = [target.agent(), target.freshUser()];
    const callId = freshCallId();
    const first = gruusOf(await registerPhone(agent, user, { callId })).temporaryGruu;
    const second = gruusOf(await registerPhone(agent, user, { callId })).temporaryGruu;
    expectTrue(first !== '' && first !== second, 'a new temp-gruu with each refresh');
    expectEqual(
      [await statusOf(agent, first), await statusOf(agent, second)],
      [302, 302],
      'look-ups of both',
    );
    const third = gruusOf(await registerPhone(agent, user)).temporaryGruu;
    const after = [await statusOf(agent, first), await statusOf(agent, second), await statusOf(agent, third)];
    expectEqual(after, [404, 404, 302], 'look-ups after another Call-ID');
    await registerPhone(agent, user, { expires: 0 });
    expectEqual(await statusOf(agent, third), 404, 'look-up after the end of the last contact');
  }),
  withSecrets('G4', 'nothing in common, and none to be made up', async (target) => {
    const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
    const [one, two] = [
      gruusOf(await registerPhone(agent, user)).temporaryGruu,
      gruusOf(await registerPhone(agent, user)).temporaryGruu,
    ];
    const foreign = gruusOf(await registerPhone(agent, other)).temporaryGruu;
    // A marker that all have is no link; four characters of base64 are alike by chance once in 16 million.
    expectTrue(
      sharedPrefix(one, two) < sharedPrefix(one, foreign) + 4,
      `no common beginning of one instance's GRUUs: ${one} and ${two}`,
    );
    expectTrue(!one.includes(user.username), 'a temp-gruu without the user');
    const at = one.indexOf('@') - 3;
    const forged = `${one.slice(0, at)}${one[at] === 'A' ? 'B' : 'A'}${one.slice(at + 1)}`;
    expectEqual(await statusOf(agent, forged), 404, 'look-up of a temp-gruu with one character changed');
  }),
  {
    row: 'G5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registerPhone(agent, user);
      await registerPhone(agent, user, { uri: 'sip:second@192.0.2.2', id: otherInstanceId });
      const gruu = `${user.aor};gr=${instanceId}`;
      const found = await agent.request({ method: 'INVITE', uri: gruu });
      expectStatus(found, 302);
      expectEqual(urisOf(found), [phone], 'contacts of the 302');
      await registerPhone(agent, user, { expires: 0 });
      expectEqual(await statusOf(agent, gruu), 480, 'look-up of a GRUU whose instance has no contact');
    },
  },
];
