import { ManualClock } from '@rollcall/testkit';
import { describe, expect, it } from 'vitest';
import { ChallengeLeases } from './challenge-leases.ts';

describe('leases', () => {
  it('a domain that is no longer served is forgotten', async () => {
    const clock = new ManualClock();
    let served = true;
    const lease = {
      domain: 'd',
      nonces: ['1', '2'],
      opaque: 'o',
      algorithms: ['MD5'],
      qop: 'auth',
      lifetimeMs: 1000,
      networks: [],
    };
    const leases = new ChallengeLeases({ clock, lease: async () => ({ lease: served ? lease : undefined }) });
    leases.learn('d');
    await Promise.resolve();
    await Promise.resolve();
    expect(leases.take('d', '192.0.2.1')).toContain('nonce="1"');
    served = false;
    clock.advance(1000);
    expect(leases.take('d', '192.0.2.1')).toBeUndefined();
    await Promise.resolve();
    await Promise.resolve();
    served = true;
    expect(leases.take('d', '192.0.2.1')).toBeUndefined();
  });
});
