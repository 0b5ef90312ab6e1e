import { describe, expect, it } from 'vitest';
import { absence, answer, contact, realm, registerRequest } from '../test/fakes.ts';
import { Rig } from '../test/rig.ts';

const one = 'sip:alice@192.0.2.1:5060';

describe('challenges', () => {
  it('A1 R10.3-3: a request without credentials is challenged, and nothing changes', async () => {
    const rig = new Rig();
    const { response } = await rig.send(registerRequest());
    expect(response.outcome).toMatchObject({
      $case: 'challenged',
      value: { realm, opaque: 'rc1', algorithms: ['SHA-256', 'MD5'], stale: false, qop: 'auth' },
    });
    expect(rig.location.applied).toEqual([]);
  });

  it('A5: an unknown user and a wrong password look the same, and cost the same questions', async () => {
    const rig = new Rig();
    await rig.authenticated();
    const before = rig.auth.timesAsked('getVector');
    const wrong = await rig.authenticated({}, { password: 'no' });
    const between = rig.auth.timesAsked('getVector');
    const unknown = await rig.authenticated({}, { username: 'nobody' });
    expect([wrong.status, wrong.stale]).toEqual([401, false]);
    expect([unknown.status, unknown.stale]).toEqual([401, false]);
    expect(between - before).toBe(1);
    expect(rig.auth.timesAsked('getVector') - between).toBe(1);
  });

  it('A6: credentials for another realm are challenged for ours', async () => {
    expect(await new Rig().authenticated({}, { realm: 'other' })).toMatchObject({
      status: 401,
      stale: false,
    });
  });

  it('A7: a right answer to an old nonce is stale, a wrong one is not', async () => {
    const rig = new Rig();
    const nonce = rig.auth.mintNonce();
    rig.clock.pass(301_000);
    rig.auth.sendSnapshot();
    const late = (password: string) =>
      rig.send(registerRequest({ credentials: [answer(nonce, { password })] }));
    expect(await late('wonderland')).toMatchObject({ status: 401, stale: true });
    expect(await late('no')).toMatchObject({ status: 401, stale: false });
  });

  it('A9: a used count in a new request is stale; its retransmission is not', async () => {
    const rig = new Rig();
    const credentials = [answer(rig.auth.mintNonce())];
    const request = registerRequest({ credentials });
    expect((await rig.send(request)).status).toBe(200);
    expect((await rig.send(request)).status).toBe(200);
    const replay = registerRequest({ credentials, contacts: [contact('sip:mallory@192.0.2.66')] });
    expect(await rig.send(replay)).toMatchObject({ status: 401, stale: true });
    expect(await rig.fetch()).toEqual([one]);
  });

  it('A12: malformed credentials are 400', async () => {
    expect((await new Rig().authenticated({}, { cnonce: '' })).status).toBe(400);
  });

  it('IM5: a first IMS registration with empty credentials is challenged', async () => {
    const empty = { ...answer(''), nonce: '', response: '' };
    const rig = new Rig();
    expect((await rig.send(registerRequest({ credentials: [empty] }))).status).toBe(401);
    expect(rig.auth.failures).toEqual([]);
  });
});

describe('vectors', () => {
  it('are asked for once and then at hand', async () => {
    const rig = new Rig();
    for (let n = 0; n < 3; n += 1) expect((await rig.authenticated()).status).toBe(200);
    expect(rig.auth.timesAsked('getVector')).toBe(1);
  });

  it('are asked for again after an invalidation, and at the end of their life', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.auth.sendInvalidated('alice');
    await rig.authenticated();
    expect(rig.auth.timesAsked('getVector')).toBe(2);
    for (let passed = 0; passed < 600; passed += 1) {
      rig.clock.pass(1000);
      rig.auth.sendHeartbeat();
    }
    await rig.authenticated();
    expect(rig.auth.timesAsked('getVector')).toBe(3);
  });

  it('are all asked for again after a snapshot', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.auth.sendSnapshot();
    await rig.authenticated();
    expect(rig.auth.timesAsked('getVector')).toBe(2);
  });

  it('a changed password works at once, even where its invalidation is late', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.auth.users.set('alice', { password: 'looking glass', vector: { aors: ['sip:alice@example.com'] } });
    expect((await rig.authenticated({}, { password: 'looking glass' })).status).toBe(200);
    expect((await rig.authenticated({}, { password: 'wonderland' })).status).toBe(401);
  });

  it('A27: failures are reported, and a lock-out is heard', async () => {
    const rig = new Rig();
    await rig.authenticated({}, { password: 'no' });
    expect(rig.auth.failures).toEqual(['alice@example.com from 192.0.2.1']);
    rig.auth.sendLockout('alice', '192.0.2.1', 5000);
    expect((await rig.authenticated()).status).toBe(403);
    const elsewhere = registerRequest({ credentials: [answer(rig.auth.mintNonce())] });
    if (elsewhere.flow !== undefined) elsewhere.flow.remoteAddress = '192.0.2.2:5060';
    expect((await rig.send(elsewhere)).status).toBe(200);
    rig.clock.pass(5000);
    rig.auth.sendSnapshot();
    expect((await rig.authenticated()).status).toBe(200);
  });

  it('A10: counts of who may register several AORs are kept by auth', async () => {
    const rig = new Rig();
    const aors = ['sip:alice@example.com', 'sip:desk@example.com'];
    rig.auth.users.set('alice', { password: 'wonderland', vector: { aors, sharedNonces: true } });
    const credentials = [answer(rig.auth.mintNonce())];
    const request = registerRequest({ credentials });
    expect((await rig.send(request)).status).toBe(200);
    expect((await rig.send(request)).status).toBe(200);
    expect(rig.location.applied[0]?.nonce).toBeUndefined();
    // Captured as a whole, Call-ID, CSeq and branch too, but for another AOR or contact.
    expect(await rig.send({ ...request, aor: 'sip:desk@example.com' })).toMatchObject({
      status: 401,
      stale: true,
    });
    const hijack = { ...request, contacts: [contact('sip:mallory@192.0.2.66')] };
    expect(await rig.send(hijack)).toMatchObject({ status: 401, stale: true });
  });
});

describe('source networks', () => {
  const networks = ['192.0.2.0/24'];
  const from = (remoteAddress: string, change: Parameters<typeof registerRequest>[0] = {}) => {
    const request = registerRequest(change);
    if (request.flow !== undefined) request.flow.remoteAddress = remoteAddress;
    return request;
  };

  it('on top of digest: the right password from elsewhere is 403', async () => {
    const rig = new Rig();
    const vector = { aors: ['sip:alice@example.com'], networks };
    rig.auth.users.set('alice', { password: 'wonderland', vector });
    const signed = () => ({ credentials: [answer(rig.auth.mintNonce())] });
    expect((await rig.send(from('192.0.2.9:5060', signed()))).status).toBe(200);
    expect((await rig.send(from('198.51.100.9:5060', signed()))).status).toBe(403);
    rig.auth.networks = networks;
    expect((await rig.send(from('192.0.2.9:5060'))).status).toBe(401);
  });

  it('instead of digest: the source is enough, for its own AOR', async () => {
    const rig = new Rig();
    rig.auth.networks = networks;
    const vector = { aors: ['sip:alice@example.com'], networks, networkSuffices: true };
    rig.auth.users.set('alice', { password: '', vector });
    expect((await rig.send(from('192.0.2.9:5060'))).status).toBe(200);
    expect((await rig.send(from('198.51.100.9:5060'))).status).toBe(401);
    expect((await rig.send(from('192.0.2.9:5060', { aor: 'sip:bob@example.com' }))).status).toBe(401);
  });

  it('a source of somebody else is not enough', async () => {
    const rig = new Rig();
    rig.auth.networks = [...networks, '198.51.100.0/24'];
    const vector = { aors: ['sip:alice@example.com'], networks, networkSuffices: true };
    rig.auth.users.set('alice', { password: '', vector });
    expect((await rig.send(from('198.51.100.9:5060'))).status).toBe(401);
  });

  it('nobody asks for vectors of requests from other sources', async () => {
    const rig = new Rig();
    rig.auth.networks = networks;
    await rig.send(from('198.51.100.9:5060'));
    expect(rig.auth.timesAsked('getVector')).toBe(0);
  });
});

describe('while auth is away', () => {
  it('each vector is asked for again as long as some auth answers', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.auth.endWatches();
    await rig.authenticated();
    await rig.authenticated();
    expect(rig.auth.timesAsked('getVector')).toBe(3);
  });

  it('refreshes go on from what is known, and nothing new comes in', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.loseAuth(absence);
    expect(await rig.authenticated()).toMatchObject({ status: 200, contacts: [one] });
    expect((await rig.authenticated({ contacts: [] })).status).toBe(200);
    const added = { contacts: [contact('sip:alice@192.0.2.77')] };
    expect(await rig.authenticated(added)).toMatchObject({ status: 503, retryAfterSec: 5 });
    expect(await rig.fetch()).toEqual([one]);
  });

  it('a refresh by flow goes on though its contact has moved', async () => {
    const rig = new Rig();
    const flow = (uri: string) => ({
      contacts: [contact(uri, { instanceId: 'urn:uuid:1', regId: 1 })],
      supported: ['outbound'],
    });
    await rig.authenticated(flow(one));
    rig.loseAuth(absence);
    expect((await rig.authenticated(flow('sip:alice@192.0.2.50'))).status).toBe(200);
  });

  it('who is not known, or wrong, gets 503: neither in nor challenged', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.loseAuth(absence);
    const bob = { aor: 'sip:bob@example.com' };
    expect((await rig.authenticated(bob, { username: 'bob', password: 'builder' })).status).toBe(503);
    expect((await rig.authenticated({}, { password: 'no' })).status).toBe(503);
  });

  it('counts that are kept by auth cannot be checked: 503', async () => {
    const rig = new Rig();
    const aors = ['sip:alice@example.com', 'sip:desk@example.com'];
    rig.auth.users.set('alice', { password: 'wonderland', vector: { aors, sharedNonces: true } });
    expect((await rig.authenticated()).status).toBe(200);
    rig.loseAuth(absence);
    expect((await rig.authenticated()).status).toBe(503);
  });

  it('networks and nonces hold as ever', async () => {
    const rig = new Rig();
    const vector = { aors: ['sip:alice@example.com'], networks: ['192.0.2.0/24'] };
    rig.auth.users.set('alice', { password: 'wonderland', vector });
    const credentials = [answer(rig.auth.mintNonce())];
    expect((await rig.send(registerRequest({ credentials }))).status).toBe(200);
    await rig.send(registerRequest());
    rig.loseAuth(absence);
    const elsewhere = registerRequest({ credentials: [answer(rig.auth.mintNonce())] });
    if (elsewhere.flow !== undefined) elsewhere.flow.remoteAddress = '198.51.100.9:5060';
    expect((await rig.send(elsewhere)).status).toBe(403);
    expect(await rig.send(registerRequest({ credentials }))).toMatchObject({ status: 401, stale: true });
  });

  it('the grace ends', async () => {
    const rig = new Rig({ vectorGraceSec: 100 });
    await rig.authenticated({ expiresSec: 600 });
    rig.loseAuth(absence);
    rig.clock.pass(99_000);
    expect((await rig.authenticated({ expiresSec: 600 })).status).toBe(200);
    rig.clock.pass(1000);
    expect((await rig.authenticated({ expiresSec: 600 })).status).toBe(503);
  });

  it('there is no grace at 0', async () => {
    const rig = new Rig({ vectorGraceSec: 0 });
    await rig.authenticated();
    rig.loseAuth(absence);
    expect((await rig.authenticated()).status).toBe(503);
  });

  it('a user who was called untrue before is not trusted', async () => {
    const rig = new Rig();
    await rig.authenticated();
    rig.auth.sendInvalidated('alice');
    rig.loseAuth(absence);
    expect((await rig.authenticated()).status).toBe(503);
  });
});

describe('verify mode', () => {
  const verified = {
    aors: ['sip:alice@example.com'],
    numbers: [],
    sharedNonces: false,
    responseAuth: '',
    nonceExpiresAtMs: 0,
  };

  it('asks auth each time, and lets it count nonces', async () => {
    const rig = new Rig({ authMode: 'verify' });
    rig.auth.verdict = { $case: 'verified', value: verified };
    expect((await rig.authenticated()).status).toBe(200);
    expect(rig.auth.lastVerify).toMatchObject({
      method: 'REGISTER',
      realm,
      source: '192.0.2.1',
      requestUri: 'sip:example.com',
      aor: 'sip:alice@example.com',
      useNonce: true,
    });
    expect(rig.location.applied[0]?.nonce).toBeUndefined();
    expect(rig.auth.timesAsked('getVector')).toBe(0);
  });

  it('passes on what auth says', async () => {
    const rig = new Rig({ authMode: 'verify' });
    const challenge = { realm, nonce: 'n', opaque: '', algorithms: ['MD5'], stale: true, qop: 'auth' };
    rig.auth.verdict = { $case: 'challenge', value: challenge };
    expect((await rig.authenticated()).response.outcome).toEqual({ $case: 'challenged', value: challenge });
    rig.auth.verdict = { $case: 'lockedOut', value: { retryAfterMs: 5000 } };
    expect((await rig.authenticated()).status).toBe(403);
    rig.auth.verdict = { $case: 'malformed', value: { problem: 'no' } };
    expect((await rig.authenticated()).status).toBe(400);
    rig.auth.fault = absence;
    expect((await rig.authenticated()).status).toBe(503);
  });
});
