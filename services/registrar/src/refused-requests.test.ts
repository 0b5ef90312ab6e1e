import type { RegisterRequest } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { absence, answer, contact, registerRequest } from '../test/fakes.ts';
import { Rig } from '../test/rig.ts';

const refusals: [string, Partial<RegisterRequest>, number][] = [
  ['403: another AOR', { aor: 'sip:bob@example.com' }, 403],
  ['404: another domain', { aor: 'sip:alice@other.org' }, 404],
  ['420: an unknown Require', { require: ['zz'] }, 420],
  ['423: too brief', { expiresSec: 5 }, 423],
  ['400: a bad contact', { contacts: [contact('sip:')] }, 400],
];

describe('right credentials of a request that is refused', () => {
  it.each(refusals)('A9: are used up by %s', async (_, change, status) => {
    const rig = new Rig();
    const credentials = [answer(rig.auth.mintNonce())];
    const request = registerRequest({ credentials, ...change });
    expect((await rig.send(request)).status).toBe(status);
    // Who has seen them binds a contact of its own, or asks for the bindings, with the same Call-ID, CSeq and branch.
    const { callId, cseq, branch } = request;
    const theft = { credentials, callId, cseq, branch };
    for (const contacts of [[contact('sip:thief@192.0.2.66')], []])
      expect(await rig.send(registerRequest({ ...theft, contacts }))).toMatchObject({
        status: 401,
        stale: true,
      });
    expect(await rig.fetch()).toEqual([]);
  });

  it('A9: get the same refusal again as a retransmission, and 401 as a replay', async () => {
    const rig = new Rig();
    const request = registerRequest({ credentials: [answer(rig.auth.mintNonce())], expiresSec: 5 });
    expect((await rig.send(request)).status).toBe(423);
    expect((await rig.send(request)).status).toBe(423);
    const replay = { ...request, branch: 'z9hG4bK-other' };
    expect(await rig.send(replay)).toMatchObject({ status: 401, stale: true });
  });

  it('A9: serve on with the next count: 423 and then a longer wish needs no new challenge', async () => {
    const rig = new Rig();
    const nonce = rig.auth.mintNonce();
    const brief = registerRequest({ credentials: [answer(nonce)], expiresSec: 5 });
    expect((await rig.send(brief)).status).toBe(423);
    const longer = registerRequest({ credentials: [answer(nonce, { nc: '00000002' })], expiresSec: 60 });
    expect((await rig.send(longer)).status).toBe(200);
  });

  it('A9: are used up where the subscriber is elsewhere than its networks', async () => {
    const rig = new Rig();
    const vector = { aors: ['sip:alice@example.com'], networks: ['198.51.100.0/24'] };
    rig.auth.users.set('alice', { password: 'wonderland', vector });
    const credentials = [answer(rig.auth.mintNonce())];
    const elsewhere = registerRequest({ credentials });
    expect((await rig.send(elsewhere)).status).toBe(403);
    expect(rig.location.applied).toMatchObject([{ refused: true, updates: [], nonce: { nc: 1 } }]);
  });

  it('CN4: the refusal stands where location cannot note it', async () => {
    const rig = new Rig();
    rig.location.fault = absence;
    expect((await rig.authenticated({ expiresSec: 5 })).status).toBe(423);
    expect((await rig.authenticated({ aor: 'sip:bob@example.com' })).status).toBe(403);
  });

  it('cost location nothing where there are none: 420 comes before authentication', async () => {
    const rig = new Rig();
    expect((await rig.send(registerRequest({ require: ['zz'] }))).status).toBe(420);
    expect(rig.location.applied).toEqual([]);
    const wrong = { credentials: [answer(rig.auth.mintNonce(), { password: 'no' })], require: ['zz'] };
    expect((await rig.send(registerRequest(wrong))).status).toBe(401);
    expect(rig.location.applied).toEqual([]);
  });
});
