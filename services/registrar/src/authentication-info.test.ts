import { parseAuthenticationInfo } from '@rollcall/sip';
import { describe, expect, it } from 'vitest';
import { contact } from '../test/fakes.ts';
import { type Result, Rig } from '../test/rig.ts';

const one = contact('sip:alice@192.0.2.1:5060');

function infoOf({ response }: Result) {
  if (response.outcome?.$case !== 'registered') throw new Error('not registered');
  return response.outcome.value.authenticationInfo;
}

describe('Authentication-Info', () => {
  it('A26: says nothing unless it is switched on', async () => {
    expect(infoOf(await new Rig().authenticated())).toBe('');
  });

  it('A26: proves that the password is known, in the 200 to a fetch, too', async () => {
    const rig = new Rig({ authenticationInfo: true });
    for (const contacts of [[one], []]) {
      const info = parseAuthenticationInfo(infoOf(await rig.authenticated({ contacts })));
      expect(info).toMatchObject({ qop: 'auth', nc: '00000001', nextnonce: '' });
      expect(info.rspauth).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('A26: gives the next nonce where it saves a round trip', async () => {
    const rig = new Rig({ authenticationInfo: true });
    const nonce = rig.auth.mintNonce();
    const refresh = (nc: string, expiresSec: number) =>
      rig.authenticated({ contacts: [one], callId: nc, expiresSec }, { nonce, nc });
    const nextOf = async (result: Promise<Result>) => parseAuthenticationInfo(infoOf(await result)).nextnonce;
    expect(await nextOf(refresh('00000001', 60))).toBe('');
    rig.clock.pass(250_000);
    // It will be over in 50 s, before the phone comes back; a new one will not.
    expect(await nextOf(refresh('00000002', 60))).not.toBe('');
    // No nonce lives for an hour.
    expect(await nextOf(refresh('00000003', 3600))).toBe('');
  });

  it('A26: a phone is told that it is registered where there is no next nonce', async () => {
    const rig = new Rig({ authenticationInfo: true });
    const nonce = rig.auth.mintNonce();
    rig.clock.pass(290_000);
    rig.auth.leaseChange = { nonces: [] };
    const result = await rig.authenticated({ contacts: [one], expiresSec: 60 }, { nonce });
    expect(parseAuthenticationInfo(infoOf(result))).toMatchObject({ qop: 'auth', nextnonce: '' });
  });

  it('A26: in verify mode auth proves it', async () => {
    const rig = new Rig({ authenticationInfo: true, authMode: 'verify' });
    const value = {
      ...{ aors: ['sip:alice@example.com'], numbers: [], sharedNonces: false },
      ...{ responseAuth: 'f00', nonceExpiresAtMs: rig.clock.nowMs() + 1000 },
    };
    rig.auth.verdict = { $case: 'verified', value };
    const info = parseAuthenticationInfo(infoOf(await rig.authenticated({ expiresSec: 60 })));
    expect(rig.auth.lastVerify?.wantsResponseAuth).toBe(true);
    expect(info).toMatchObject({ rspauth: 'f00', cnonce: expect.stringMatching(/./), nc: '00000001' });
    expect(info.nextnonce).not.toBe('');
  });
});
