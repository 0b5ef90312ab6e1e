import { checkNonce } from '@rollcall/digest';
import { AddressStatus, SubscriberState, type WatchSubscribersResponse } from '@rollcall/rpc';
import { Metrics } from '@rollcall/runtime';
import { describe, expect, it } from 'vitest';
import {
  algorithms,
  alice,
  answer,
  assistant,
  challengeOf,
  configOf,
  context,
  listOf,
  ManualClock,
  makeLogger,
  openAuth,
  RecordingSink,
  realm,
  startedAtMs,
  trunk,
  verifyRequest,
} from '../test/support.ts';
import { composeAuth } from './compose.ts';
import { makeSubscriber } from './subscribers/subscriber.ts';

const make = (...entries: Parameters<typeof makeSubscriber>[0][]) =>
  entries.map((entry) => makeSubscriber(entry, algorithms));

describe('challenge leases', () => {
  it('A1 A16: hold fresh nonces, and the algorithms strongest first', async () => {
    const { auth } = await openAuth();
    const { lease } = await auth.calls.leaseChallenges({ domain: realm, count: 50 }, context);
    expect(new Set(lease?.nonces).size).toBe(50);
    expect(lease).toMatchObject({
      domain: realm,
      algorithms: ['SHA-256', 'MD5'],
      qop: 'auth',
      lifetimeMs: 20_000,
      networks: ['192.0.2.0/24'],
    });
    expect(lease?.opaque).not.toBe('');
  });

  it('A25: are good at another replica', async () => {
    const one = await openAuth();
    const other = await openAuth();
    const sink = new RecordingSink();
    other.auth.calls.watchSubscribers('registrar-1', sink).cancel();
    const event = sink.events[0]?.event;
    const keys = event?.$case === 'snapshot' ? event.value.nonceKeys : [];
    const { nonce } = await challengeOf(one.auth);
    expect(checkNonce(keys, nonce, realm, startedAtMs, 300).kind).toBe('good');
    const credentials = answer(await challengeOf(one.auth), 'alice', 'wonderland');
    const { verdict } = await other.auth.calls.verify(verifyRequest(credentials), context);
    expect(verdict?.$case).toBe('verified');
  });

  it('are not given for a domain that is not served, and are bounded', async () => {
    const { auth } = await openAuth();
    expect(await auth.calls.leaseChallenges({ domain: 'example.org', count: 1 }, context)).toEqual({
      lease: undefined,
    });
    const many = await auth.calls.leaseChallenges({ domain: realm, count: 1_000_000 }, context);
    expect(many.lease?.nonces).toHaveLength(1000);
    const none = await auth.calls.leaseChallenges({ domain: realm, count: 0 }, context);
    expect(none.lease?.nonces).toHaveLength(1);
  });

  it('are for AUTH_DOMAINS where it is set', async () => {
    const { auth } = await openAuth({ AUTH_DOMAINS: 'example.net' });
    expect((await auth.calls.leaseChallenges({ domain: realm, count: 1 }, context)).lease).toBeUndefined();
    expect(
      (await auth.calls.leaseChallenges({ domain: 'example.net', count: 1 }, context)).lease,
    ).toBeDefined();
  });
});

describe('the watch of subscribers', () => {
  it('begins with a snapshot, and a heartbeat follows at least every second', async () => {
    const { auth, clock } = await openAuth();
    const sink = new RecordingSink();
    auth.calls.watchSubscribers('registrar-1', sink);
    expect(sink.events[0]?.event).toMatchObject({
      $case: 'snapshot',
      value: { domains: [realm], algorithms: ['SHA-256', 'MD5'], nonceLifetimeSec: 300, qop: 'auth' },
    });
    clock.pass(5000);
    expect(sink.kinds().filter((kind) => kind === 'heartbeat').length).toBeGreaterThanOrEqual(5);
  });

  it('names who changed, at once; and everything where the domains did', async () => {
    const { auth, subscribers } = await openAuth();
    const sink = new RecordingSink();
    auth.calls.watchSubscribers('registrar-1', sink);
    subscribers.replace(make({ ...alice, password: 'new' }, assistant, trunk));
    expect(sink.events.at(-1)?.event).toEqual({
      $case: 'invalidated',
      value: {
        subscribers: [
          { realm, username: 'alice' },
          { realm, username: 'alice@example.com' },
        ],
      },
    });
    subscribers.replace(make({ ...alice, password: 'new' }, assistant));
    // Nobody keeps a vector of who has no credentials, but it may watch and be watched.
    expect(sink.events.at(-1)?.event).toEqual({
      $case: 'invalidated',
      value: { subscribers: [{ realm, username: trunk.username }] },
    });
    subscribers.replace(make({ ...alice, password: 'new' }, { ...assistant, domain: 'example.net' }));
    expect(sink.events.at(-1)?.event).toMatchObject({
      $case: 'snapshot',
      value: { domains: [realm, 'example.net'] },
    });
    expect(
      (await auth.calls.leaseChallenges({ domain: 'example.net', count: 1 }, context)).lease,
    ).toBeDefined();
  });

  it('says that everyone changed where very many did', async () => {
    const { auth, subscribers } = await openAuth();
    const sink = new RecordingSink();
    auth.calls.watchSubscribers('registrar-1', sink);
    const many = Array.from({ length: 1200 }, (_, i) => ({
      username: `u${i}`,
      domain: realm,
      networks: [],
      ha1: [{ algorithm: 'MD5', hash: '0'.repeat(32) }],
    }));
    subscribers.replace(make(...many));
    expect(sink.events.at(-1)?.event).toEqual({ $case: 'invalidated', value: { subscribers: [] } });
  });

  it('leaves nothing running once nobody watches, and ends the watches when auth closes', async () => {
    const { auth, clock, metrics } = await openAuth();
    const gone = new RecordingSink();
    auth.calls.watchSubscribers('registrar-1', gone).cancel();
    const told = gone.events.length;
    clock.pass(2000);
    expect(gone.events).toHaveLength(told);
    expect(clock.timers).toBe(0);
    const stays = new RecordingSink();
    auth.calls.watchSubscribers('registrar-2', stays);
    expect((await metrics.render()).body).toContain('rollcall_auth_watchers 1');
    await auth.close();
    expect(stays.ended).toBe(1);
    expect(gone.ended).toBe(0);
    expect(clock.timers).toBe(0);
  });

  it('takes a thousand watchers and ends the next one at once', async () => {
    const { auth } = await openAuth();
    for (let i = 0; i < 1000; i += 1) auth.calls.watchSubscribers(`registrar-${i}`, new RecordingSink());
    const late = new RecordingSink();
    auth.calls.watchSubscribers('registrar-late', late).cancel();
    expect(late).toMatchObject({ ended: 1, events: [] });
  });
});

describe('use of nonces', () => {
  it('A8 A9: is fresh once, and never for a nonce that is none of ours', async () => {
    const { auth, clock } = await openAuth();
    const { nonce } = await challengeOf(auth);
    const use = (requestKey: string, nc = 1, of = nonce) =>
      auth.calls.useNonce({ nonce: of, nc, requestKey }, context);
    expect(await use('one')).toEqual({ fresh: true });
    expect(await use('one')).toEqual({ fresh: true });
    expect(await use('two')).toEqual({ fresh: false });
    expect(await use('three', 0)).toEqual({ fresh: false });
    expect(await use('four', 2, 'made up')).toEqual({ fresh: false });
    clock.pass(300_000);
    expect(await use('five', 2)).toEqual({ fresh: false });
  });
});

describe('addresses', () => {
  it('D1 E1: are known, unknown or foreign', async () => {
    const { auth } = await openAuth();
    const resolve = (aor: string, number = '', domain = realm) =>
      auth.calls.resolveAddress({ aor, number, domain, watcher: '' }, context);
    const known = (aor: string) => ({
      aor,
      status: AddressStatus.KNOWN,
      state: SubscriberState.ACTIVE,
      movedTo: '',
      watchers: [],
      watcherRefused: false,
    });
    const none = {
      aor: '',
      state: SubscriberState.UNSPECIFIED,
      movedTo: '',
      watchers: [],
      watcherRefused: false,
    };
    const unknown = { ...none, status: AddressStatus.UNKNOWN };
    expect(await resolve('sip:alice@example.com')).toEqual(known('sip:alice@example.com'));
    expect(await resolve('sip:sales@example.com')).toEqual(known('sip:sales@example.com'));
    expect(await resolve('sip:nobody@example.com')).toEqual(unknown);
    expect(await resolve('sip:alice@example.org', '', 'example.org')).toEqual({
      ...none,
      status: AddressStatus.FOREIGN_DOMAIN,
    });
    expect(await resolve('', '+15551230001', '')).toEqual(known('sip:alice@example.com'));
    expect(await resolve('sip:+15551230001@example.com', '+15551230001')).toEqual(
      known('sip:alice@example.com'),
    );
    expect(await resolve('sip:+15551230001@example.com')).toEqual(known('sip:alice@example.com'));
    expect(await resolve('sip:+1555x@example.com')).toEqual(unknown);
    expect(await resolve('', '+19990000000', '')).toEqual(unknown);
    const incomplete = { ...none, status: AddressStatus.INCOMPLETE_NUMBER };
    expect(await resolve('', '+1555', '')).toEqual(incomplete);
    expect(await resolve('sip:+1555123@example.com')).toEqual(incomplete);
    expect(await resolve('', '+155512300011', '')).toEqual(unknown);
  });

  it('D14 D15: an address has the state of its own subscriber', async () => {
    const { auth, subscribers } = await openAuth();
    const stateOf = async (aor: string, number = '') =>
      auth.calls.resolveAddress({ aor, number, domain: realm, watcher: '' }, context);
    const sales = 'sip:sales@example.com';
    for (const [state, said] of [
      ['blocked', SubscriberState.BLOCKED],
      ['gone', SubscriberState.GONE],
      ['ambiguous', SubscriberState.AMBIGUOUS],
    ] as const) {
      subscribers.replace(make({ ...alice, aors: [sales], state }));
      const expected = { status: AddressStatus.KNOWN, state: said };
      expect(await stateOf('sip:alice@example.com')).toMatchObject(expected);
      expect(await stateOf('', '+15551230001')).toMatchObject(expected);
      expect(await stateOf(sales)).toMatchObject({ state: SubscriberState.ACTIVE });
    }
    subscribers.replace(make({ ...alice, state: 'moved', movedTo: 'sip:a@example.org' }));
    expect(await stateOf('sip:alice@example.com')).toMatchObject({
      state: SubscriberState.MOVED,
      movedTo: 'sip:a@example.org',
    });
  });

  it('RE3: says who may watch: who may register, and who is named', async () => {
    const { auth, subscribers } = await openAuth();
    const [own, sales] = ['sip:alice@example.com', 'sip:sales@example.com'];
    const boss = { username: 'boss', domain: realm, password: 'x' };
    const refused = async (watcher: string, aor: string) =>
      (await auth.calls.resolveAddress({ aor, number: '', domain: realm, watcher }, context)).watcherRefused;
    subscribers.replace(make({ ...alice, aors: [sales], watchers: ['sip:boss@example.com'] }, boss));
    expect(await refused(own, own)).toBe(false);
    expect(await refused(own, sales)).toBe(false);
    expect(await refused('sip:boss@example.com', own)).toBe(false);
    expect(await refused('sip:boss@example.com', sales)).toBe(true);
    expect(await refused(sales, own)).toBe(true);
    expect(await refused('sip:nobody@example.com', own)).toBe(true);
    expect(await refused(own, 'sip:nobody@example.com')).toBe(true);
    subscribers.replace(make({ ...alice, aors: [sales] }, boss));
    expect(await refused('sip:boss@example.com', own)).toBe(true);
    subscribers.replace(make({ ...alice, state: 'blocked' }, boss));
    expect(await refused(own, own)).toBe(true);
  });

  it('a blocked subscriber may register nothing, and registrars are told at once', async () => {
    const { auth, subscribers } = await openAuth();
    const ask = { realm, username: 'alice', userhash: false, algorithm: '', aor: '' };
    const before = (await auth.calls.getVector(ask, context)).vector;
    const told: WatchSubscribersResponse[] = [];
    auth.calls.watchSubscribers('r', { onEvent: (event) => told.push(event), onEnd: () => undefined });
    subscribers.replace(make({ ...alice, state: 'blocked' }));
    expect(told.at(-1)?.event).toMatchObject({
      $case: 'invalidated',
      value: { subscribers: expect.arrayContaining([{ realm, username: 'alice' }]) },
    });
    const after = (await auth.calls.getVector(ask, context)).vector;
    expect(after).toMatchObject({ aors: [], numbers: [], sharedNonces: true });
    expect(after?.ha1).toEqual(before?.ha1);
  });
});

describe('secrets', () => {
  it('A28: are never logged', async () => {
    const opened = await openAuth({ AUTH_LOCKOUT_FAILURES: '1' });
    const credentials = answer(await challengeOf(opened.auth), 'alice', 'guess');
    await opened.auth.calls.verify(verifyRequest(credentials), context);
    opened.subscribers.replace(make({ ...alice, password: 'looking glass' }));
    await opened.auth.close();
    const log = opened.lines.join('');
    expect(log).toContain('locked out');
    expect(log).not.toMatch(/wonderland|looking glass|guess|secret-of-the-tests/);
    expect(log).not.toContain(credentials.response);
  });

  it('of nonces are random where none are set, with a warning', async () => {
    const { logger, lines } = makeLogger();
    const parts = { config: configOf({ AUTH_NONCE_SECRETS: '' }), logger, metrics: new Metrics() };
    const auth = await composeAuth({ ...parts, clock: new ManualClock(), subscribers: listOf() });
    expect(lines.join('')).toContain('AUTH_NONCE_SECRETS is not set');
    expect(lines.join('')).toContain('no domain is served');
    expect(auth.checks.map(({ name }) => name)).toEqual(['subscribers']);
    expect(auth.checks[0]?.check()).toBeUndefined();
    await auth.close();
  });
});
