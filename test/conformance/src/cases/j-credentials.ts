import { randomBytes } from 'node:crypto';
import type { ConformanceCase } from '../conformance-case.ts';
import {
  authenticate,
  type CredentialsWanted,
  challengesOf,
  formatCredentials,
  provoke,
  registerWith,
} from '../digest-client.ts';
import { expectEqual, expectStatus, expectTrue } from '../expectations.ts';
import { fetchContacts, register, registered } from '../registering.ts';

/** Credentials that must not be accepted, and what may be answered. */
type Refused = readonly [row: string, title: string, wanted: CredentialsWanted, ...statuses: number[]];

const upperCase = (value: string) =>
  value.replace(/response="[^"]*"/, (shown) => shown.toUpperCase().replace('RESPONSE', 'response'));
const without = (name: string) => (value: string) => value.replace(new RegExp(`, ${name}="?[^",]*"?`), '');

const refused: readonly Refused[] = [
  [
    'A3',
    'digest over another uri than the one shown',
    { edit: (v) => v.replace('uri="sip:', 'uri="SIP:') },
    401,
  ],
  ['A4', 'uri parameter of another domain', { uri: 'sip:evil.example.org' }, 400, 401, 403],
  ['A6', 'another realm', { realm: 'other.example.org' }, 401],
  ['A12', 'no cnonce', { edit: without('cnonce') }, 400, 401],
  ['A12', 'no nc', { edit: without('nc') }, 400, 401],
  ['A12', 'nc of one digit', { nc: '1' }, 400, 401],
  ['A12', 'nc with a letter that is no digit', { nc: '0000000g' }, 400, 401],
  ['A12', 'nc of nine digits', { nc: '000000001' }, 400, 401],
  ['A13', 'no qop', { qop: '' }, 401],
  ['A17', 'an algorithm that was not offered', { algorithm: 'SHA-512-256' }, 401],
  ['A17', 'a digest by MD5 said to be by SHA-256', { algorithm: 'MD5', edit: sayingSha256 }, 401],
  ['A20', 'username and username* together', { edit: withBothNames }, 400],
];

function sayingSha256(value: string): string {
  return value.replace('algorithm=MD5', 'algorithm=SHA-256');
}

function withBothNames(value: string): string {
  return value.replace(/username="([^"]*)"/, `username="$1", username*=UTF-8''$1`);
}

function withExtendedName(value: string): string {
  return value.replace(
    /username="([^"]*)"/,
    (_, name: string) => `username*=UTF-8''%${hex(name)}${name.slice(1)}`,
  );
}

function hex(text: string): string {
  return text.charCodeAt(0).toString(16);
}

export const cases: readonly ConformanceCase[] = [
  ...refused.map(
    ([row, title, wanted, ...statuses]): ConformanceCase => ({
      row,
      title,
      run: async (target) => {
        const [agent, user] = [target.agent(), target.freshUser()];
        const answer = await authenticate(agent, user, wanted);
        expectStatus(answer, ...statuses);
        if (answer.status === 401) {
          const realms = new Set(challengesOf(answer).map(({ realm }) => realm));
          expectEqual([...realms], ['example.com'], 'realm of the new challenge');
          expectTrue(!challengesOf(answer).some(({ stale }) => stale), 'no stale=true');
        }
        expectEqual((await fetchContacts(agent, user)).length, 0, 'number of bindings');
      },
    }),
  ),
  {
    row: 'A2',
    title: 'each algorithm that is offered, hexadecimal in either case',
    run: async (target) => {
      for (const algorithm of ['SHA-256', 'MD5']) {
        const [agent, user] = [target.agent(), target.freshUser()];
        expectStatus(await authenticate(agent, user, { algorithm }), 200);
        expectStatus(await authenticate(agent, user, { algorithm, edit: upperCase }), 200);
      }
    },
  },
  {
    row: 'A17',
    title: 'no algorithm means MD5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await authenticate(agent, user, { algorithm: 'MD5', edit: without('algorithm') }), 200);
    },
  },
  {
    row: 'A3',
    title: 'a uri parameter that is spelt otherwise than the Request-URI',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await registered(agent, user, { requestUri: 'sip:EXAMPLE.com', digestUri: 'sip:example.com' });
    },
  },
  {
    row: 'A8',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const nonce = randomBytes(30).toString('base64url');
      const right = await authenticate(agent, user, { nonce });
      expectStatus(right, 401);
      const wrong = await authenticate(agent, user, { nonce, password: 'wrong' });
      expectStatus(wrong, 401);
      expectTrue(!challengesOf(wrong).some(({ stale }) => stale), 'no stale=true with a wrong digest');
      expectEqual((await fetchContacts(agent, user)).length, 0, 'number of bindings');
    },
  },
  {
    row: 'A9',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const authorization = formatCredentials(await provoke(agent, user), user);
      expectStatus(await registerWith(agent, user, authorization), 200);
      const again = await registerWith(agent, user, authorization);
      expectStatus(again, 401);
      expectTrue(challengesOf(again)[0]?.stale === true, 'stale=true, since the digest is right');
    },
  },
  {
    row: 'A11',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const challenged = await provoke(agent, user);
      const statuses: number[] = [];
      for (const nc of ['00000001', '00000005', '00000004'])
        statuses.push((await registerWith(agent, user, formatCredentials(challenged, user, { nc }))).status);
      expectEqual(statuses, [200, 200, 401], 'statuses for nc 1, 5 and 4');
    },
  },
  {
    row: 'A20',
    title: 'username*',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await authenticate(agent, user, { edit: withExtendedName }), 200);
    },
  },
  {
    row: 'A23',
    title: 'either form of the user name',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await authenticate(agent, user), 200);
      expectStatus(await authenticate(agent, user, { username: `${user.username}@example.com` }), 200);
    },
  },
  {
    row: 'A23',
    title: "somebody else's AOR",
    run: async (target) => {
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      expectStatus(await register(agent, user, { to: other.aor }), 403);
      expectEqual((await fetchContacts(agent, other)).length, 0, 'number of bindings');
    },
  },
];
