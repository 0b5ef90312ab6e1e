import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { absence, answer, contact, registerRequest } from '../test/fakes.ts';
import { Rig } from '../test/rig.ts';

const one = 'sip:alice@192.0.2.1:5060';
const other = 'sip:alice@192.0.2.2:5060';
const instanceId = 'urn:uuid:00000000-0000-1000-8000-000a95a0e128';

describe('steps 1 and 2: domain and Require', () => {
  it('R10.3-1a: a domain that is not served is 404', async () => {
    const rig = new Rig();
    const foreign = { domain: 'other.org', requestUri: 'sip:other.org', aor: 'sip:alice@other.org' };
    expect((await rig.authenticated(foreign)).status).toBe(404);
    expect(rig.location.applied).toEqual([]);
    expect(rig.auth.timesAsked('leaseChallenges')).toBe(0);
  });

  it('tells an operator at the phone which of the names is wrong', async () => {
    const rig = new Rig();
    rig.auth.users.set('bob', { password: 'builder', vector: { aors: ['sip:bob@example.com'] } });
    const asBob = { username: 'bob', password: 'builder' };
    const phrases = [
      await rig.authenticated({ domain: 'other.org', requestUri: 'sip:other.org' }),
      await rig.authenticated({ aor: 'sip:alice@other.org' }),
      await rig.authenticated({ aor: 'sip:example.com' }),
      await rig.authenticated({}, asBob),
    ].map(({ response: { outcome } }) => outcome?.$case === 'rejected' && outcome.value.reasonPhrase);
    expect(phrases).toEqual([
      'Domain Not Served',
      'Address Of Another Domain',
      'Address Without User',
      'Not Allowed For This Address',
    ]);
  });

  it('R10.3-1b: user information in the Request-URI is ignored', async () => {
    expect((await new Rig().authenticated({ requestUri: 'sip:alice@example.com' })).status).toBe(200);
  });

  it('R10.3-2: an unknown Require is 420 with the tags as sent, before authentication', async () => {
    const rig = new Rig();
    const { status, response } = await rig.send(registerRequest({ require: ['path', 'ZZ', 'x-y'] }));
    expect(status).toBe(420);
    expect(response.outcome).toMatchObject({ value: { unsupported: ['ZZ', 'x-y'] } });
    expect(rig.auth.timesAsked('leaseChallenges')).toBe(0);
  });

  it('O4 CP2: every supported tag may be required', async () => {
    const require = ['path', 'outbound', 'Pref', 'gin', 'gruu'];
    const { status, response } = await new Rig().authenticated({ require });
    expect(status).toBe(200);
    expect(response.outcome).toMatchObject({ value: { supported: ['path', 'outbound', 'pref', 'gin'] } });
  });
});

describe('steps 4 and 5: who may register what', () => {
  it('R10.3-4a: the AOR of somebody else is 403, and nothing changes', async () => {
    const rig = new Rig();
    await rig.authenticated();
    const stranger = { username: 'bob', password: 'builder' };
    expect((await rig.authenticated({ contacts: [contact(other)] }, stranger)).status).toBe(403);
    expect(await rig.fetch()).toEqual([one]);
  });

  it('R10.3-4b R10.3-5a: who may register for another is bound under the AOR of To', async () => {
    const rig = new Rig();
    const aors = ['sip:bob@example.com', 'sip:alice@example.com'];
    rig.auth.users.set('bob', { password: 'builder', vector: { aors } });
    const change = { fromUri: 'sip:bob@example.com' };
    expect((await rig.authenticated(change, { username: 'bob', password: 'builder' })).status).toBe(200);
    expect([...rig.location.records.keys()]).toEqual(['sip:alice@example.com']);
  });

  it('R10.3-5b: an AOR of another domain is 404', async () => {
    expect((await new Rig().authenticated({ aor: 'sip:alice@other.org' })).status).toBe(404);
    expect((await new Rig().authenticated({ aor: 'sip:example.com' })).status).toBe(404);
  });

  it('binds a number under the AOR of its subscriber', async () => {
    const rig = new Rig();
    const vector = { aors: ['sip:alice@example.com'], numbers: ['+15551234'] };
    rig.auth.users.set('alice', { password: 'wonderland', vector });
    expect((await rig.authenticated({ aor: 'sip:+15551234@example.com' })).status).toBe(200);
    expect(await rig.fetch()).toEqual([one]);
  });
});

describe('steps 6 to 8: bindings', () => {
  it('R10.3-8a: 200 lists all bindings with what is left of their lives', async () => {
    const rig = new Rig();
    await rig.authenticated({ contacts: [contact(one)], expiresSec: 1800 });
    rig.clock.pass(100_000);
    const result = await rig.authenticated({ contacts: [contact(other)], expiresSec: 600 });
    expect(result.contacts).toEqual([one, other]);
    expect([...result.expires].sort()).toEqual([1700, 600]);
  });

  it('R10.3-6a: a fetch changes nothing', async () => {
    const rig = new Rig();
    await rig.authenticated({ expiresSec: 1800 });
    rig.clock.pass(60_000);
    const fetched = await rig.authenticated({ contacts: [], expiresSec: 7200, callId: 'other' });
    expect(fetched).toMatchObject({ status: 200, contacts: [one], expires: [1740] });
  });

  it('R10.3-6b: Contact: * removes all', async () => {
    const rig = new Rig();
    await rig.authenticated({ contacts: [contact(one), contact(other)] });
    const removed = await rig.authenticated({ contacts: [], removeAll: true, expiresSec: 0 });
    expect(removed).toMatchObject({ status: 200, contacts: [] });
    expect(await rig.fetch()).toEqual([]);
  });

  it('R10.3-6c: a bad Contact: * is 400 and removes nothing', async () => {
    const rig = new Rig();
    await rig.authenticated();
    expect((await rig.authenticated({ contacts: [], removeAll: true, expiresSec: 3600 })).status).toBe(400);
    expect(await rig.fetch()).toEqual([one]);
  });

  it('R10.3-6e: Contact: * with an old CSeq of one binding removes none', async () => {
    const rig = new Rig();
    await rig.authenticated({ contacts: [contact(one)], callId: 'A', cseq: 50_005 });
    await rig.authenticated({ contacts: [contact(other)], callId: 'B' });
    const late = {
      contacts: [],
      removeAll: true,
      expiresSec: 0,
      callId: 'A',
      cseq: 50_005,
      branch: 'z9hG4bKnew',
    };
    expect((await rig.authenticated(late)).status).toBe(500);
    expect(await rig.fetch()).toEqual([one, other]);
  });

  it('R10.3-7c: 423 says the minimum and changes nothing', async () => {
    const rig = new Rig();
    await rig.authenticated();
    const contacts = [contact(other, { expiresSec: 600 }), contact(one, { expiresSec: 5 })];
    const { status, response } = await rig.authenticated({ contacts });
    expect(status).toBe(423);
    expect(response.outcome).toMatchObject({ value: { minExpiresSec: 60 } });
    expect(await rig.fetch()).toEqual([one]);
  });

  it('R10.3-7f: expires=0 removes one binding; of an unknown contact it is no error', async () => {
    const rig = new Rig();
    await rig.authenticated({ contacts: [contact(one), contact(other)] });
    expect((await rig.authenticated({ contacts: [contact(one, { expiresSec: 0 })] })).contacts).toEqual([
      other,
    ]);
    const unknown = [contact('sip:alice@192.0.2.99', { expiresSec: 0 })];
    expect(await rig.authenticated({ contacts: unknown })).toMatchObject({ status: 200, contacts: [other] });
  });

  it('R10.3-7h R10.3-7i: the CSeq counts within its Call-ID only', async () => {
    const rig = new Rig();
    await rig.authenticated({ callId: 'A', cseq: 50_005 });
    const late = { callId: 'A', cseq: 50_004, contacts: [contact(other), contact(one)] };
    expect((await rig.authenticated(late)).status).toBe(500);
    expect(await rig.fetch()).toEqual([one]);
    expect((await rig.authenticated({ callId: 'B', cseq: 1 })).status).toBe(200);
  });

  it('R10.3-7k: what cannot be stored is not acknowledged', async () => {
    const rig = new Rig();
    rig.location.fault = absence;
    expect(await rig.authenticated()).toMatchObject({ status: 503, retryAfterSec: 5 });
    rig.location.fault = () => new ServiceFault(GrpcCode.ABORTED, 'CONFLICT', 'too many writers');
    expect(await rig.authenticated()).toMatchObject({ status: 500, retryAfterSec: 1 });
    rig.location.fault = undefined;
    expect(await rig.fetch()).toEqual([]);
  });

  it('R10.3-7l: the same contact twice is one binding', async () => {
    const contacts = [contact('sip:a@h.example.org'), contact('sip:a@H.example.org')];
    expect((await new Rig().authenticated({ contacts })).contacts).toHaveLength(1);
  });

  it('R10.3-7m: one contact too many is 403 and keeps what there was', async () => {
    const rig = new Rig({ maxContacts: 2 });
    await rig.authenticated({ contacts: [contact(one), contact(other)] });
    expect((await rig.authenticated({ contacts: [contact('sip:alice@192.0.2.3')] })).status).toBe(403);
    expect(await rig.fetch()).toEqual([one, other]);
  });

  it('R10.3-8d CP3 PA3: a refresh replaces q, parameters and Path', async () => {
    const rig = new Rig();
    const path = ['<sip:edge.example.com;lr>'];
    await rig.authenticated({
      contacts: [contact(one, { qMilli: 300, params: ';audio' })],
      path,
      supported: ['path'],
    });
    const { response } = await rig.authenticated({ contacts: [contact(one, { qMilli: 700 })] });
    expect(response.outcome).toMatchObject({
      value: { bindings: [{ uri: one, qMilli: 700, params: '', path: [] }] },
    });
  });

  it('PA1: Path is stored in its order and comes back', async () => {
    const path = ['<sip:p2.example.com;lr>', '<sip:p1.example.com;lr>'];
    const { response } = await new Rig().authenticated({ path, supported: ['path'] });
    expect(response.outcome).toMatchObject({ value: { path, bindings: [{ path }] } });
  });

  it('OB1 OB2: a flow is known by instance-id and reg-id, and the 200 requires outbound', async () => {
    const rig = new Rig();
    const flow = (uri: string, regId: number) => ({
      contacts: [contact(uri, { instanceId, regId })],
      supported: ['outbound', 'path'],
    });
    await rig.authenticated(flow(one, 1));
    const moved = await rig.authenticated(flow(other, 1));
    expect(moved.contacts).toEqual([other]);
    expect(moved.response.outcome).toMatchObject({ value: { require: ['outbound'] } });
    expect((await rig.authenticated(flow(one, 2))).contacts).toEqual([one, other]);
  });

  it('OB14: removing a plain contact leaves the flow of the same phone', async () => {
    const rig = new Rig();
    await rig.authenticated({ contacts: [contact(one, { instanceId, regId: 1 })], supported: ['outbound'] });
    await rig.authenticated({ contacts: [contact(other)] });
    expect((await rig.authenticated({ contacts: [contact(other, { expiresSec: 0 })] })).contacts).toEqual([
      one,
    ]);
  });

  it('the replay of a request on another replica is answered as the first was', async () => {
    const rig = new Rig({ jitterPercent: 50 });
    const nonce = rig.auth.mintNonce();
    const request = registerRequest({ credentials: [], callId: 'replay', cseq: 7 });
    const signed = { ...request, credentials: [answer(nonce)] };
    const first = await rig.send(signed);
    const again = await rig.send(signed);
    expect(first.status).toBe(200);
    expect(again.response).toEqual(first.response);
  });
});

describe('faults', () => {
  it('CN5: before auth has said which domains are served, nobody is refused for good', async () => {
    const rig = new Rig({}, { snapshot: false });
    expect(await rig.authenticated()).toMatchObject({ status: 503, retryAfterSec: 5 });
    expect(await rig.registrar.checks[0]?.check()).toBeDefined();
    rig.auth.sendSnapshot();
    expect((await rig.authenticated()).status).toBe(200);
    expect(await rig.registrar.checks[0]?.check()).toBeUndefined();
  });

  it('the last question has all the time that the request has left', async () => {
    const rig = new Rig();
    const given: number[] = [];
    const { apply } = rig.location;
    Object.assign(rig.location, {
      apply: (request: Parameters<typeof apply>[0], context: Parameters<typeof apply>[1]) => {
        given.push(context.timeoutMs);
        return apply(request, context);
      },
    });
    await rig.authenticated();
    await rig.send(registerRequest({ credentials: [answer(rig.auth.mintNonce())] }), 40);
    expect(given).toEqual([1000, 40]);
  });

  it('edges get their leases from auth through the registrar', async () => {
    const rig = new Rig();
    const asked = { domain: 'example.com', count: 3 };
    const { lease } = await rig.registrar.calls.leaseChallenges(asked, { timeoutMs: 100, traceparent: '' });
    expect(lease?.nonces).toHaveLength(3);
  });

  it('a mistake of our own is a 500, and counted', async () => {
    const rig = new Rig();
    Object.assign(rig.location, { apply: () => Promise.reject(new TypeError('bug')) });
    expect((await rig.authenticated()).status).toBe(500);
    const { body } = await rig.metrics.render();
    expect(body).toMatch(/rollcall_registrations_total\{.*reason="internal"\} 1/);
    Object.assign(rig.location, { apply: () => Promise.resolve({ outcome: 0, bindings: [] }) });
    expect((await rig.authenticated()).status).toBe(500);
  });

  it('A28: the debug log names the AOR by its hash, and nothing of the credentials', async () => {
    const lines: string[] = [];
    const rig = new Rig({}, { log: (line) => lines.push(line) });
    const nonce = rig.auth.mintNonce();
    const credentials = answer(nonce);
    await rig.send(registerRequest({ credentials: [credentials] }));
    const log = lines.join('');
    expect(log).toContain('"msg":"REGISTER"');
    for (const secret of [nonce, credentials.response, 'alice', 'wonderland'])
      expect(log).not.toContain(secret);
  });

  it('registrations are counted by operation, outcome and reason', async () => {
    const rig = new Rig();
    await rig.authenticated();
    await rig.authenticated();
    await rig.authenticated({ contacts: [contact(one), contact('sip:alice@192.0.2.77')] });
    await rig.authenticated();
    await rig.authenticated({ contacts: [contact(one, { expiresSec: 0 })] });
    await rig.authenticated({ contacts: [] });
    await rig.authenticated({ expiresSec: 5 });
    await rig.authenticated({ cseq: 1, branch: 'z9hG4bKlate', contacts: [contact('sip:alice@192.0.2.77')] });
    const { body } = await rig.metrics.render();
    const counted = [...body.matchAll(/^rollcall_registrations_total\{(.*)\} ([1-9]\d*)$/gm)];
    expect(
      counted.map(([, labels, count]) => `${labels?.replaceAll(/\w+=|"/g, '')} ${count}`).sort(),
    ).toEqual([
      'initial,ok,none 2',
      'query,ok,none 1',
      'refresh,ok,none 2',
      'refresh,rejected,cseq_out_of_order 1',
      'register,rejected,interval_too_brief 1',
      'remove,ok,none 1',
    ]);
    expect(body).toContain(
      'rollcall_registration_duration_seconds_count{operation="initial",outcome="ok"} 2',
    );
  });
});
