import type { SubscribeRequest } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { absence, answer } from '../test/fakes.ts';
import { Rig } from '../test/rig.ts';

const context = { timeoutMs: 1000, traceparent: '' };
const alice = 'sip:alice@example.com';
const bob = { username: 'bob', password: 'builder' };
let cseq = 0;

/** Sends a SUBSCRIBE for alice, with her credentials unless told otherwise. */
async function subscribe(
  rig: Rig,
  change: Partial<SubscribeRequest> = {},
  credentials: Parameters<typeof answer>[1] = {},
) {
  cseq += 1;
  const uri = change.requestUri ?? change.aor ?? alice;
  const given = answer(rig.auth.mintNonce(), { method: 'SUBSCRIBE', uri, ...credentials });
  const { outcome } = await rig.registrar.calls.subscribe(
    {
      domain: 'example.com',
      aor: alice,
      requestUri: uri,
      callId: 'call-1',
      cseq,
      branch: `z9hG4bK${cseq}`,
      expiresSec: undefined,
      credentials: [given],
      flow: undefined,
      body: Buffer.alloc(0),
      ...change,
    },
    context,
  );
  if (outcome?.$case === 'rejected') return outcome.value.status;
  return outcome?.$case === 'challenged' ? 401 : outcome?.value;
}

describe('who may watch', () => {
  it('RE1: the owner, for 3761 s where it does not say', async () => {
    const granted = { aor: alice, watcher: alice, expiresSec: 3761, mayRegister: true };
    expect(await subscribe(new Rig())).toEqual(granted);
  });

  it('RE1: nobody without credentials, or with wrong ones', async () => {
    const rig = new Rig();
    expect(await subscribe(rig, { credentials: [] })).toBe(401);
    expect(await subscribe(rig, {}, { password: 'guess' })).toBe(401);
    expect(await subscribe(rig, {}, { method: 'REGISTER' })).toBe(401);
  });

  it('RE3: others are refused, and learn nothing of who exists', async () => {
    const rig = new Rig();
    expect(await subscribe(rig, {}, bob)).toBe(403);
    expect(await subscribe(rig, { aor: 'sip:nobody@example.com' }, bob)).toBe(403);
    expect(await subscribe(rig, { aor: 'sip:alice@other.org', domain: 'other.org' }, bob)).toBe(404);
  });

  it("RE3: those whom the subscriber's entry names, without what only who registers is told", async () => {
    const rig = new Rig();
    rig.auth.watchers.set(alice, ['sip:bob@example.com']);
    const granted = { aor: alice, watcher: 'sip:bob@example.com', expiresSec: 3761, mayRegister: false };
    expect(await subscribe(rig, {}, bob)).toEqual(granted);
  });

  it('RE3: whoever may register the AOR, by a number of it as well', async () => {
    const rig = new Rig();
    rig.auth.users.set('bob', {
      password: 'builder',
      vector: { aors: ['sip:bob@example.com', alice], numbers: ['+15551234'] },
    });
    expect(await subscribe(rig, {}, bob)).toMatchObject({ aor: alice, mayRegister: true });
    const number = 'sip:+15551234@example.com';
    expect(await subscribe(rig, { aor: number }, bob)).toMatchObject({ aor: 'sip:bob@example.com' });
  });

  it('a request that was seen serves nobody a second time', async () => {
    const rig = new Rig();
    const nonce = rig.auth.mintNonce();
    const credentials = [answer(nonce, { method: 'SUBSCRIBE', uri: alice })];
    expect(await subscribe(rig, { credentials, callId: 'seen' })).toMatchObject({ aor: alice });
    expect(await subscribe(rig, { credentials, callId: 'stolen' })).toBe(401);
    const other = [answer(nonce, { method: 'SUBSCRIBE', uri: alice, nc: '00000002' })];
    expect(await subscribe(rig, { credentials: other })).toMatchObject({ aor: alice });
  });
});

describe('for how long', () => {
  it.each([
    [0, 0],
    [60, 60],
    [600, 600],
    [86_400, 7200],
  ])('%i s asked for, %i s granted', async (expiresSec, granted) => {
    expect(await subscribe(new Rig(), { expiresSec })).toMatchObject({ expiresSec: granted });
  });

  it('too brief is 423 with what is allowed', async () => {
    expect(await subscribe(new Rig(), { expiresSec: 59 })).toBe(423);
  });
});

describe('faults', () => {
  it('auth or location that is away is 503', async () => {
    const rig = new Rig();
    rig.location.fault = absence;
    expect(await subscribe(rig)).toBe(503);
    rig.location.fault = undefined;
    rig.auth.fault = absence;
    expect(await subscribe(rig, {}, bob)).toBe(503);
    expect(await subscribe(new Rig({}, { snapshot: false }))).toBe(503);
  });
});
