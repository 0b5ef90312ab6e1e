import {
  AddressStatus,
  type AuthCalls,
  authService,
  type Connection,
  connectAuth,
  type GrpcServer,
  SubscriberState,
  serveGrpc,
} from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeSubscriber } from '../src/subscribers/subscriber.ts';
import {
  algorithms,
  alice,
  answer,
  challengeOf,
  context,
  type OpenedAuth,
  openAuth,
  RecordingSink,
  realm,
  verifyRequest,
} from './support.ts';

describe('auth over gRPC', () => {
  let opened: OpenedAuth;
  let server: GrpcServer;
  let calls: AuthCalls & Connection;

  beforeAll(async () => {
    opened = await openAuth({ AUTH_LOCKOUT_FAILURES: '2', AUTH_LOCKOUT_SECONDS: '60' });
    server = await serveGrpc('127.0.0.1:0', [authService(opened.auth.calls)], { clock: systemClock });
    server.setServing(true);
    calls = connectAuth(`127.0.0.1:${server.port}`, { clock: systemClock });
    await calls.whenReady(5000);
  });

  afterAll(async () => {
    calls.close();
    await opened.auth.close();
    await server.drain(1000);
  });

  it('gives the same answers as in one process', async () => {
    const request = { realm, username: 'alice', userhash: false, algorithm: '', aor: '' };
    expect(await calls.getVector(request, context)).toEqual(
      await opened.auth.calls.getVector(request, context),
    );
    const resolve = { aor: 'sip:alice@example.com', number: '', domain: realm, watcher: '' };
    expect(await calls.resolveAddress(resolve, context)).toEqual({
      aor: 'sip:alice@example.com',
      status: AddressStatus.KNOWN,
      state: SubscriberState.ACTIVE,
      movedTo: '',
      watchers: [],
      watcherRefused: false,
    });
    const { lease } = await calls.leaseChallenges({ domain: realm, count: 3 }, context);
    expect(lease?.nonces).toHaveLength(3);
    const nothing = await calls.leaseChallenges({ domain: 'example.org', count: 3 }, context);
    expect(nothing.lease).toBeUndefined();
  });

  it('A2: verifies a burst of credentials, batched, each with its own verdict', async () => {
    const challenge = await challengeOf({ ...opened.auth, calls });
    const right = answer(challenge, 'alice', 'wonderland');
    const wrong = answer(challenge, 'nobody', 'wonderland');
    const verdicts = await Promise.all(
      Array.from({ length: 64 }, (_, i) =>
        calls.verify(verifyRequest(i % 2 === 0 ? right : wrong, { source: `198.51.100.${i}` }), context),
      ),
    );
    const cases = verdicts.map(({ verdict }) => verdict?.$case);
    expect(cases).toEqual(Array.from({ length: 64 }, (_, i) => (i % 2 === 0 ? 'verified' : 'challenge')));
  });

  it('A9: counts nonces', async () => {
    const { nonce } = await challengeOf({ ...opened.auth, calls });
    expect(await calls.useNonce({ nonce, nc: 1, requestKey: 'a' }, context)).toEqual({ fresh: true });
    expect(await calls.useNonce({ nonce, nc: 1, requestKey: 'b' }, context)).toEqual({ fresh: false });
  });

  it('A27: tells a watcher of lock-outs and changes, after a snapshot with the nonce keys', async () => {
    const sink = new RecordingSink();
    const snapshot = sink.next('snapshot');
    const watch = calls.watchSubscribers('registrar-1', sink);
    const { event } = await snapshot;
    const keys = event?.$case === 'snapshot' ? event.value.nonceKeys : [];
    expect(keys.map((key) => key.toString())).toEqual(['a-secret-of-the-tests-only']);
    const lockout = sink.next('lockout');
    const failure = { realm, username: 'alice', source: '203.0.113.9' };
    await calls.reportFailure(failure, context);
    expect(await calls.reportFailure(failure, context)).toEqual({ retryAfterMs: 60_000 });
    expect((await lockout).event).toMatchObject({ value: { ...failure, durationMs: 60_000 } });
    const invalidated = sink.next('invalidated');
    opened.subscribers.replace([makeSubscriber({ ...alice, password: 'new' }, algorithms)]);
    await invalidated;
    watch.cancel();
  });

  it('ends watches when it closes', async () => {
    const sink = new RecordingSink();
    const snapshot = sink.next('snapshot');
    const ended = new Promise<void>((resolve) => {
      sink.onEnd = resolve;
    });
    calls.watchSubscribers('registrar-2', sink);
    await snapshot;
    await opened.auth.close();
    await ended;
  });
});
