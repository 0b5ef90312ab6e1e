import { type SipResponse, serialise } from '@rollcall/sip';
import { SipAgent } from '@rollcall/testkit';
import type { ConformanceCase } from '../conformance-case.ts';
import { authenticate, challengesOf, formatCredentials, provoke, registerWith } from '../digest-client.ts';
import { expectEqual, expectMatch, expectStatus, expectTrue } from '../expectations.ts';
import { exchange, expectSilence, fetchContacts, freshBranch } from '../registering.ts';
import { domain } from '../test-users.ts';

/** What of a response could tell two users apart: all of it but what is different in every response. */
function withoutIdentity(response: SipResponse): string {
  return serialise(response)
    .toString('latin1')
    .split('\r\n')
    .filter((row) => !/^(Via|From|To|Call-ID|CSeq):/.test(row))
    .join('\r\n')
    .replaceAll(/nonce="[^"]*"/g, 'nonce');
}

export const cases: readonly ConformanceCase[] = [
  {
    row: 'A1',
    title: 'the challenge',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const [first, second] = [await provoke(agent, user), await provoke(agent, user)];
      for (const row of first.rows('www-authenticate')) {
        expectMatch(row, /^Digest .*realm="example\.com"/, 'scheme and realm');
        expectMatch(row, /qop="auth(,auth-int)?"/, 'quoted qop');
        expectMatch(row, /opaque="[^"]+"/, 'opaque');
        expectMatch(row, /algorithm=[A-Z0-9-]+/, 'algorithm');
      }
      const nonces = [first, second].map((each) => challengesOf(each)[0]?.nonce);
      expectTrue(nonces[0] !== nonces[1] && nonces[0] !== '', 'a fresh nonce for each challenge');
    },
  },
  {
    row: 'A1',
    title: 'qop in the credentials with and without quotes',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      expectStatus(await authenticate(agent, user), 200);
      const quoted = (value: string) => value.replace('qop=auth', 'qop="auth"');
      expectStatus(await authenticate(agent, user, { edit: quoted }), 200);
    },
  },
  {
    row: 'A5',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const unknown = { username: 'nobody', password: 'x', aor: `sip:nobody@${domain}` };
      const wrong = await authenticate(agent, user, { password: 'wrong' });
      expectStatus(wrong, 401);
      expectTrue(!challengesOf(wrong).some(({ stale }) => stale), 'no stale=true for a wrong password');
      const nobody = await authenticate(agent, unknown);
      expectEqual(withoutIdentity(nobody), withoutIdentity(wrong), 'answer to an unknown user');
    },
  },
  {
    row: 'A14',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const basic = Buffer.from(`${user.username}:${user.password}`).toString('base64');
      const refused = await registerWith(agent, user, `Basic ${basic}`);
      expectStatus(refused, 401);
      const schemes = refused.rows('www-authenticate').map((row) => row.split(' ')[0]);
      expectTrue(
        schemes.every((scheme) => scheme === 'Digest'),
        `only Digest is offered: received ${schemes}`,
      );
      expectEqual((await fetchContacts(agent, user)).length, 0, 'number of bindings');
    },
  },
  {
    row: 'A15',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const refused = await registerWith(agent, user, 'NoOneKnowsThisScheme opaque-data=here');
      expectStatus(refused, 401);
      expectTrue(challengesOf(refused).length > 0, 'a Digest challenge');
    },
  },
  {
    row: 'A16',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const rows = challengesOf(await provoke(agent, user)).map(({ algorithm }) => algorithm);
      expectEqual(rows, ['SHA-256', 'MD5'], 'algorithms of the rows');
    },
  },
  {
    row: 'A24',
    title: 'stray ACK and CANCEL',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      await agent.sendText(await agent.format({ method: 'ACK', uri: user.aor }));
      await expectSilence(agent, 500);
      const cancel = await agent.format({ method: 'CANCEL', uri: user.aor, branch: freshBranch() });
      const answer = await exchange(agent, cancel);
      expectStatus(answer, 481);
      expectEqual(answer.rows('www-authenticate').length, 0, 'challenges');
    },
  },
  {
    row: 'A25',
    title: 'says nothing of its user',
    run: async (target) => {
      const [agent, user] = [target.agent(), target.freshUser()];
      const { host } = await agent.open();
      const nonce = challengesOf(await provoke(agent, user))[0]?.nonce ?? '';
      const readings = [nonce, ...(['base64url', 'hex'] as const).map(decodeAs(nonce))];
      for (const hint of [user.username, domain, host])
        expectTrue(!readings.some((reading) => reading.includes(hint)), `a nonce without ${hint}`);
    },
  },
  {
    row: 'A25',
    title: 'a nonce of one edge at another',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const [agent, user] = [lab.agent(), lab.freshUser()];
      await using elsewhere = new SipAgent({ transport: 'udp', server: lab.secondSip });
      const authorization = formatCredentials(await provoke(agent, user), user);
      expectStatus(await registerWith(elsewhere, user, authorization), 200);
    },
  },
  {
    row: 'A10',
    slow: true,
    run: async (target) => {
      const lab = await target.lab();
      const agent = lab.agent();
      await using elsewhere = new SipAgent({ transport: 'udp', server: lab.secondSip });
      for (let round = 1; round <= 10; round += 1) {
        const user = lab.freshUser();
        const authorization = formatCredentials(await provoke(agent, user), user);
        const answers = await Promise.all([
          registerWith(agent, user, authorization),
          registerWith(elsewhere, user, authorization),
        ]);
        const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other);
        expectEqual(statuses, [200, 401], `statuses of round ${round}`);
      }
    },
  },
];

function decodeAs(nonce: string) {
  return (encoding: 'base64url' | 'hex') => Buffer.from(nonce, encoding).toString('latin1');
}
