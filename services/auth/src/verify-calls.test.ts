import type { VerifyResponse } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import {
  algorithms,
  alice,
  answer,
  challengeOf,
  context,
  openAuth,
  RecordingSink,
  realm,
  verifyRequest,
} from '../test/support.ts';
import { makeSubscriber } from './subscribers/subscriber.ts';

const make = (...entries: Parameters<typeof makeSubscriber>[0][]) =>
  entries.map((entry) => makeSubscriber(entry, algorithms));

describe('verify', () => {
  const caseOf = ({ verdict }: VerifyResponse) => verdict?.$case;

  it('A26: proves that it knows the password where that is wanted', async () => {
    const { auth } = await openAuth();
    const credentials = answer(await challengeOf(auth), 'alice', 'wonderland');
    const request = verifyRequest(credentials, { wantsResponseAuth: true });
    const { verdict } = await auth.calls.verify(request, context);
    if (verdict?.$case !== 'verified') throw new Error('not verified');
    expect(verdict.value.responseAuth).toMatch(/^[0-9a-f]{64}$/);
    expect(verdict.value.responseAuth).not.toBe(credentials.response);
  });

  it('A2 A23: accepts either form of the name', async () => {
    const { auth, clock } = await openAuth();
    for (const name of ['alice', 'alice@example.com']) {
      const credentials = answer(await challengeOf(auth), name, 'wonderland');
      const { verdict } = await auth.calls.verify(verifyRequest(credentials), context);
      expect(verdict).toEqual({
        $case: 'verified',
        value: {
          aors: ['sip:alice@example.com'],
          numbers: ['+15551230001'],
          sharedNonces: false,
          responseAuth: '',
          nonceExpiresAtMs: clock.nowMs() + 300_000,
        },
      });
    }
  });

  it('A5: answers an unknown user as a wrong password, but for the nonce', async () => {
    const { auth } = await openAuth();
    const seen = [];
    for (const [name, password] of [
      ['alice', 'wrong'],
      ['nobody', 'wonderland'],
      ['trunk', ''],
    ] as const) {
      const credentials = answer(await challengeOf(auth), name, password);
      const response = await auth.calls.verify(verifyRequest(credentials), context);
      if (response.verdict?.$case !== 'challenge') throw new Error('no challenge');
      seen.push({ ...response.verdict.value, nonce: response.verdict.value.nonce.length });
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
    expect(seen[0]).toMatchObject({ stale: false, nonce: 40 });
  });

  it('A5: does the same work for an unknown user: digests computed, subscribers asked', async () => {
    const { auth, metrics } = await openAuth();
    const countOf = async () =>
      /rollcall_auth_backend_duration_seconds_count\{backend="subscribers",outcome="success"\} (\d+)/.exec(
        (await metrics.render()).body,
      )?.[1];
    await auth.calls.verify(verifyRequest(answer(await challengeOf(auth), 'alice', 'wrong')), context);
    expect(await countOf()).toBe('1');
    await auth.calls.verify(verifyRequest(answer(await challengeOf(auth), 'nobody', 'wrong')), context);
    expect(await countOf()).toBe('2');
  });

  it('A4 A12: says what is malformed', async () => {
    const { auth } = await openAuth();
    const elsewhere = answer(await challengeOf(auth), 'alice', 'wonderland', { uri: 'sip:evil.org' });
    expect(caseOf(await auth.calls.verify(verifyRequest(elsewhere), context))).toBe('malformed');
    const noCount = answer(await challengeOf(auth), 'alice', 'wonderland', { nc: '1' });
    expect(caseOf(await auth.calls.verify(verifyRequest(noCount), context))).toBe('malformed');
  });

  it('A7: challenges an expired nonce with stale=true', async () => {
    const { auth, clock } = await openAuth();
    const credentials = answer(await challengeOf(auth), 'alice', 'wonderland');
    clock.pass(300_000);
    const { verdict } = await auth.calls.verify(verifyRequest(credentials), context);
    expect(verdict).toMatchObject({ $case: 'challenge', value: { stale: true } });
  });

  it('A9: with use_nonce refuses a replay with stale=true, and takes a retransmission', async () => {
    const { auth, metrics } = await openAuth();
    const challenge = await challengeOf(auth);
    const first = verifyRequest(answer(challenge, 'alice', 'wonderland'), { useNonce: true });
    expect(caseOf(await auth.calls.verify(first, context))).toBe('verified');
    expect(caseOf(await auth.calls.verify(first, context))).toBe('verified');
    const { verdict } = await auth.calls.verify({ ...first, requestKey: 'request 2' }, context);
    expect(verdict).toMatchObject({ $case: 'challenge', value: { stale: true } });
    const next = verifyRequest(answer(challenge, 'alice', 'wonderland', { nc: '00000005' }), {
      useNonce: true,
      requestKey: 'request 3',
    });
    expect(caseOf(await auth.calls.verify(next, context))).toBe('verified');
    expect((await metrics.render()).body).toContain('rollcall_auth_nonce_replays_total 1');
  });

  it('accepts a trunk by its network without credentials, and from nowhere else', async () => {
    const { auth } = await openAuth();
    const from = (source: string, aor = 'sip:trunk@example.com') =>
      auth.calls.verify(verifyRequest(undefined, { source, aor }), context).then(caseOf);
    expect(await from('192.0.2.9')).toBe('verified');
    expect(await from('192.0.3.9')).toBe('challenge');
    expect(await from('192.0.2.9', 'sip:alice@example.com')).toBe('challenge');
    expect(await from('192.0.2.9', '')).toBe('challenge');
  });

  it('accepts a user that is bound to networks from these only', async () => {
    const { auth, subscribers } = await openAuth();
    subscribers.replace(make({ ...alice, networks: ['192.0.2.0/24'] }));
    const from = async (source: string) => {
      const credentials = answer(await challengeOf(auth), 'alice', 'wonderland');
      return caseOf(await auth.calls.verify(verifyRequest(credentials, { source }), context));
    };
    expect(await from('192.0.2.9')).toBe('verified');
    expect(await from('198.51.100.7')).toBe('challenge');
  });

  it('takes a changed password from the next request on', async () => {
    const { auth, subscribers } = await openAuth();
    subscribers.replace(make({ ...alice, password: 'new' }));
    const old = answer(await challengeOf(auth), 'alice', 'wonderland');
    expect(caseOf(await auth.calls.verify(verifyRequest(old), context))).toBe('challenge');
    const changed = answer(await challengeOf(auth), 'alice', 'new');
    expect(caseOf(await auth.calls.verify(verifyRequest(changed), context))).toBe('verified');
  });

  it('IM5: answers empty nonce and response with a challenge', async () => {
    const { auth } = await openAuth();
    const first = { ...answer(await challengeOf(auth), 'alice', 'wonderland'), nonce: '', response: '' };
    expect(caseOf(await auth.calls.verify(verifyRequest(first), context))).toBe('challenge');
  });
});

describe('a source of subscribers that does not answer', () => {
  it('U12: makes a fault of the call, never a verdict, and is counted', async () => {
    const { auth, subscribers, metrics } = await openAuth();
    const fault = new Error('the database is away');
    subscribers.findByName = () => Promise.reject(fault);
    const credentials = answer(await challengeOf(auth), 'alice', 'wonderland');
    await expect(auth.calls.verify(verifyRequest(credentials), context)).rejects.toBe(fault);
    const vector = { realm, username: 'alice', userhash: false, algorithm: '', aor: '' };
    await expect(auth.calls.getVector(vector, context)).rejects.toBe(fault);
    const { body } = await metrics.render();
    expect(body).toContain('rollcall_auth_duration_seconds_count{outcome="error"} 1');
    expect(body).toContain('_duration_seconds_count{backend="subscribers",outcome="error"} 2');
  });
});

describe('lock-out', () => {
  const attempt = async (
    opened: Awaited<ReturnType<typeof openAuth>>,
    name: string,
    password: string,
    source: string,
  ) => {
    const credentials = answer(await challengeOf(opened.auth), name, password);
    return (await opened.auth.calls.verify(verifyRequest(credentials, { source }), context)).verdict;
  };

  it('A27: refuses a user from the source of its failures, and from no other', async () => {
    const opened = await openAuth({ AUTH_LOCKOUT_FAILURES: '3', AUTH_LOCKOUT_SECONDS: '60' });
    const sink = new RecordingSink();
    opened.auth.calls.watchSubscribers('registrar-1', sink);
    for (let i = 0; i < 3; i += 1) await attempt(opened, 'alice', `guess ${i}`, '198.51.100.66');
    expect(await attempt(opened, 'alice', 'wonderland', '::ffff:198.51.100.66')).toEqual({
      $case: 'lockedOut',
      value: { retryAfterMs: 60_000 },
    });
    expect((await attempt(opened, 'alice', 'wonderland', '198.51.100.7'))?.$case).toBe('verified');
    expect((await attempt(opened, 'assistant', 'front desk', '198.51.100.66'))?.$case).toBe('verified');
    const lockout = {
      $case: 'lockout',
      value: { realm, username: 'alice', source: '198.51.100.66', durationMs: 60_000 },
    };
    expect(sink.events.at(-1)?.event).toEqual(lockout);
    opened.clock.pass(20_000);
    const late = new RecordingSink();
    opened.auth.calls.watchSubscribers('registrar-2', late);
    expect(late.events[1]?.event).toEqual({ ...lockout, value: { ...lockout.value, durationMs: 40_000 } });
    opened.clock.pass(40_000);
    expect((await attempt(opened, 'alice', 'wonderland', '198.51.100.66'))?.$case).toBe('verified');
  });

  it('A27: refuses a source after ten times as many failures of any users', async () => {
    const opened = await openAuth({ AUTH_LOCKOUT_FAILURES: '2' });
    for (let i = 0; i < 20; i += 1) await attempt(opened, `user${i}`, 'guess', '198.51.100.66');
    expect((await attempt(opened, 'alice', 'wonderland', '198.51.100.66'))?.$case).toBe('lockedOut');
    expect((await attempt(opened, 'alice', 'wonderland', '198.51.100.7'))?.$case).toBe('verified');
    expect((await opened.metrics.render()).body).toContain('rollcall_auth_lockouts_total 1');
  });

  it('A27: is off with AUTH_LOCKOUT_FAILURES=0', async () => {
    const opened = await openAuth({ AUTH_LOCKOUT_FAILURES: '0' });
    for (let i = 0; i < 100; i += 1) await attempt(opened, 'alice', 'guess', '198.51.100.66');
    expect((await attempt(opened, 'alice', 'wonderland', '198.51.100.66'))?.$case).toBe('verified');
  });

  it('A27: counts the failures that registrars report', async () => {
    const { auth } = await openAuth({ AUTH_LOCKOUT_FAILURES: '2', AUTH_LOCKOUT_SECONDS: '60' });
    const sink = new RecordingSink();
    auth.calls.watchSubscribers('registrar-1', sink);
    const report = { realm, username: 'alice', source: '198.51.100.66' };
    expect(await auth.calls.reportFailure(report, context)).toEqual({ retryAfterMs: 0 });
    expect(await auth.calls.reportFailure(report, context)).toEqual({ retryAfterMs: 60_000 });
    expect(sink.kinds()).toEqual(['snapshot', 'lockout']);
  });

  it('A7: a stale nonce is no failure', async () => {
    const opened = await openAuth({ AUTH_LOCKOUT_FAILURES: '1' });
    const credentials = answer(await challengeOf(opened.auth), 'alice', 'wonderland');
    opened.clock.pass(400_000);
    await opened.auth.calls.verify(verifyRequest(credentials), context);
    expect((await attempt(opened, 'alice', 'wonderland', '198.51.100.7'))?.$case).toBe('verified');
  });
});
