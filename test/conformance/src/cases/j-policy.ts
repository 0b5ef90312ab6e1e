import { hash } from 'node:crypto';
import { computeHa1, type DigestAlgorithm, digestAlgorithms, hashUsername } from '@rollcall/digest';
import { parseAuthenticationInfo, parseDigestCredentials, type SipResponse } from '@rollcall/sip';
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
import { pause, registered } from '../registering.ts';
import { alice, bob, domain } from '../test-users.ts';

/** Algorithms that are off by default. */
const everyAlgorithm = { AUTH_ALGORITHMS: 'SHA-512-256 SHA-512-256-sess SHA-256 SHA-256-sess MD5 MD5-sess' };

/** More than the shortest life that a nonce may be given. */
const nonceLifetimeSec = 10;

/** Credentials that a product with other settings takes. */
type Taken = readonly [row: string, title: string, wanted: CredentialsWanted];

const taken: readonly Taken[] = [
  ...['SHA-512-256', 'SHA-256'].map((algorithm) => ['A18', algorithm, { algorithm }] as const),
  ...['SHA-512-256-sess', 'SHA-256-sess', 'MD5-sess'].map(
    (algorithm) => ['A19', algorithm, { algorithm }] as const,
  ),
];

export const cases: readonly ConformanceCase[] = [
  ...taken.map(
    ([row, title, wanted]): ConformanceCase => ({
      row,
      title,
      slow: true,
      run: async (shared) => {
        const target = await shared.startOwn({ env: everyAlgorithm });
        const [agent, user] = [target.agent(), target.freshUser()];
        expectStatus(await authenticate(agent, user, wanted), 200);
        expectStatus(await authenticate(agent, user, { ...wanted, password: 'wrong' }), 401);
      },
    }),
  ),
  {
    row: 'A17',
    title: 'MD5 where only SHA-256 is offered',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { AUTH_ALGORITHMS: 'SHA-256' } });
      const [agent, user] = [target.agent(), target.freshUser()];
      expectEqual(
        challengesOf(await provoke(agent, user)).map(({ algorithm }) => algorithm),
        ['SHA-256'],
        'algorithms offered',
      );
      expectStatus(await authenticate(agent, user, { algorithm: 'MD5' }), 401);
      expectStatus(await authenticate(agent, user), 200);
    },
  },
  {
    row: 'A7',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { AUTH_NONCE_LIFETIME: `${nonceLifetimeSec}` } });
      const [agent, user] = [target.agent(), target.freshUser()];
      const challenged = await provoke(agent, user);
      await pause((nonceLifetimeSec + 1) * 1000);
      const late = await registerWith(agent, user, formatCredentials(challenged, user));
      expectStatus(late, 401);
      expectTrue(challengesOf(late).length > 0, 'challenges');
      expectTrue(
        challengesOf(late).every(({ stale }) => stale),
        'stale=true with the right digest',
      );
      const wrong = formatCredentials(challenged, user, { password: 'wrong', nc: '00000002' });
      const refused = await registerWith(agent, user, wrong);
      expectStatus(refused, 401);
      expectTrue(!challengesOf(refused).some(({ stale }) => stale), 'no stale=true with a wrong digest');
    },
  },
  {
    row: 'A20',
    title: 'hashed user name',
    run: async (target) => {
      for (const algorithm of ['SHA-256', 'MD5'] as const) {
        const [agent, user] = [target.agent(), target.freshUser()];
        const hashed = {
          algorithm,
          userhash: true,
          shownUsername: hashUsername(algorithm, user.username, domain),
        };
        expectStatus(await authenticate(agent, user, hashed), 200);
        expectStatus(await authenticate(agent, user, { ...hashed, password: 'wrong' }), 401);
      }
    },
  },
  {
    row: 'A21',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { AUTH_QOP: 'auth,auth-int' } });
      const [agent, user] = [target.agent(), target.freshUser()];
      const covering = async (body: string) =>
        formatCredentials(await provoke(agent, user), user, { qop: 'auth-int', body });
      expectStatus(await registerWith(agent, user, await covering('')), 200);
      expectStatus(await registerWith(agent, user, await covering('text'), { body: 'text' }), 200);
      expectStatus(await registerWith(agent, user, await covering('text'), { body: 'tExt' }), 401);
    },
  },
  {
    row: 'A21',
    title: 'auth-int that was not offered',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await authenticate(agent, user, { qop: 'auth-int' }), 401);
    },
  },
  {
    row: 'A22',
    slow: true,
    run: async (shared) => {
      const user = { username: 'al"ice\\', password: 'wonderland', aor: `sip:al%22ice%5C@${domain}` };
      const target = await shared.startOwn({
        subscribers: `- { username: 'al"ice\\', domain: ${domain}, password: wonderland }\n`,
      });
      const agent = target.agent();
      const authorization = formatCredentials(await provoke(agent, user), user);
      expectTrue(authorization.includes('username="al\\"ice\\\\"'), 'a quoted name with quoted pairs');
      expectStatus(await registerWith(agent, user, authorization), 200);
    },
  },
  ...(['vector', 'verify'] as const).map(
    (mode): ConformanceCase => ({
      row: 'A26',
      title: `in ${mode} mode`,
      slow: true,
      run: async (shared) => {
        const env = { REGISTRAR_AUTHENTICATION_INFO: 'true', REGISTRAR_AUTH_MODE: mode };
        const target = await shared.startOwn({ env });
        const [agent, user] = [target.agent(), target.freshUser()];
        for (const algorithm of ['SHA-256', 'MD5'] as const) {
          const challenged = await provoke(agent, user);
          const authorization = formatCredentials(challenged, user, { algorithm });
          const { rspauth, ...rest } = infoOf(await registerWith(agent, user, authorization));
          expectEqual(rspauth, rspauthOf(authorization, user.password, algorithm), 'rspauth');
          expectEqual(rest, { nextnonce: '', qop: 'auth', cnonce: '0a4f113b', nc: '00000001' }, 'the rest');
        }
      },
    }),
  ),
  {
    row: 'A26',
    title: 'the next nonce is good',
    slow: true,
    run: async (shared) => {
      const env = { REGISTRAR_AUTHENTICATION_INFO: 'true', AUTH_NONCE_LIFETIME: '62' };
      const target = await shared.startOwn({ env });
      const [agent, user] = [target.agent(), target.freshUser()];
      const challenged = await provoke(agent, user);
      await pause(3000);
      const brief = { headers: ['Expires: 60'] };
      const first = await registerWith(agent, user, formatCredentials(challenged, user), brief);
      const nonce = infoOf(first).nextnonce;
      expectTrue(nonce !== '' && nonce !== challengesOf(challenged)[0]?.nonce, 'another nonce');
      const second = formatCredentials(challenged, user, { nonce });
      expectStatus(await registerWith(agent, user, second), 200);
    },
  },
  {
    row: 'A26',
    title: 'not unless it is switched on',
    run: async (target) => {
      const answer = await authenticate(target.agent(), target.freshUser());
      expectEqual(answer.row('authentication-info'), undefined, 'Authentication-Info');
    },
  },
  {
    row: 'A27',
    slow: true,
    run: async (shared) => {
      const target = await shared.startOwn({ env: { AUTH_LOCKOUT_FAILURES: '20' } });
      const [agent, user, other] = [target.agent(), target.freshUser(), target.freshUser()];
      const statuses: number[] = [];
      for (let attempt = 0; attempt < 100; attempt += 1)
        statuses.push((await authenticate(agent, user, { password: `guess ${attempt}` })).status);
      expectTrue(
        statuses.every((status) => [401, 403, 503].includes(status)),
        'nothing but 401, 403 and 503',
      );
      expectTrue(
        statuses.slice(50).every((status) => status === 403 || status === 503),
        'no more challenges once the limit is passed',
      );
      expectStatus(await authenticate(agent, user), 403, 503);
      expectStatus(await authenticate(agent, other), 200);
    },
  },
  {
    row: 'A28',
    slow: true,
    run: async (shared) => {
      const secret = 'a-secret-for-nonces-that-nobody-may-see';
      const target = await shared.startOwn({ env: { LOG_LEVEL: 'trace', AUTH_NONCE_SECRETS: secret } });
      const agent = target.agent();
      await registered(agent, alice);
      await registered(agent, alice, { algorithm: 'MD5' });
      const authorization = formatCredentials(await provoke(agent, bob), bob);
      expectStatus(await registerWith(agent, bob, authorization), 200);
      expectStatus(await authenticate(agent, bob, { password: 'a-wrong-guess' }), 401);
      const log = target.output();
      expectTrue(log.length > 0, 'a log');
      const response = /response="([^"]+)"/.exec(authorization)?.[1] ?? '';
      const secrets = [alice.password, bob.password, 'a-wrong-guess', secret, response];
      for (const hidden of [...secrets, ...digestAlgorithms.map(ha1OfAlice)])
        expectTrue(!log.includes(hidden), `a log without ${hidden}`);
    },
  },
];

function infoOf(answer: SipResponse) {
  expectStatus(answer, 200);
  return parseAuthenticationInfo(answer.row('authentication-info') ?? '');
}

/** rspauth as RFC 7616 §3.5 has it, computed by itself: for A2 is ":" and the uri. */
function rspauthOf(authorization: string, password: string, algorithm: 'SHA-256' | 'MD5'): string {
  const answer = parseDigestCredentials(authorization);
  if (answer === undefined) throw new Error('no credentials');
  const { username, realm, nonce, nc, cnonce, qop, uri } = answer;
  const digest = (text: string) => hash(algorithm === 'MD5' ? 'md5' : 'sha256', text);
  const ha1 = digest(`${username}:${realm}:${password}`);
  return digest([ha1, nonce, nc, cnonce, qop, digest(`:${uri}`)].join(':'));
}

function ha1OfAlice(algorithm: DigestAlgorithm): string {
  return computeHa1(algorithm, alice.username, domain, alice.password);
}
