import { GrpcCode } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { absence, FakeAuth, ManualClock, realm } from '../test/fakes.ts';
import { ChallengeStock } from './challenge-stock.ts';

function stockOf() {
  const clock = new ManualClock();
  const auth = new FakeAuth(clock);
  return { clock, auth, stock: new ChallengeStock({ auth, clock }) };
}

describe('the stock of challenges', () => {
  it('A1: gives each nonce once, with everything a challenge needs', async () => {
    const { stock } = stockOf();
    const one = await stock.take(realm, false);
    const other = await stock.take(realm, true);
    expect(one).toMatchObject({
      realm,
      opaque: 'rc1',
      algorithms: ['SHA-256', 'MD5'],
      qop: 'auth',
      stale: false,
    });
    expect(other?.stale).toBe(true);
    expect(other?.nonce).not.toBe(one?.nonce);
  });

  it('asks ahead of need, and serves more at once than one lot holds', async () => {
    const { auth, stock } = stockOf();
    const taken = await Promise.all(Array.from({ length: 100 }, () => stock.take(realm, false)));
    expect(new Set(taken.map((challenge) => challenge?.nonce)).size).toBe(100);
    expect(auth.timesAsked('leaseChallenges')).toBeLessThanOrEqual(5);
  });

  it('serves a storm that comes before the first lease', async () => {
    const { auth, stock } = stockOf();
    const taken = await Promise.all(Array.from({ length: 1000 }, () => stock.take(realm, false)));
    expect(new Set(taken.map((challenge) => challenge?.nonce)).size).toBe(1000);
    expect(auth.timesAsked('leaseChallenges')).toBeLessThanOrEqual(4);
  });

  it('asks for as long as an edge waits: nobody is refused sooner', async () => {
    const { auth, clock } = stockOf();
    const given: number[] = [];
    const stock = new ChallengeStock({
      auth: {
        leaseChallenges: (request, context) => {
          given.push(context.timeoutMs);
          return auth.leaseChallenges(request, context);
        },
      },
      clock,
    });
    await stock.take(realm, false);
    expect(given).toEqual([900]);
  });

  it('does not give out what is past its life', async () => {
    const { auth, clock, stock } = stockOf();
    await stock.take(realm, false);
    clock.pass(10_000);
    await stock.take(realm, false);
    expect(auth.timesAsked('leaseChallenges')).toBe(2);
  });

  it('has nothing for a domain that is not served', async () => {
    const { stock } = stockOf();
    expect(await stock.take('other.org', false)).toBeUndefined();
  });

  it('serves from stock while auth is away, then passes its fault on', async () => {
    const { auth, clock, stock } = stockOf();
    await stock.take(realm, false);
    auth.fault = absence;
    expect(await stock.take(realm, false)).toBeDefined();
    clock.pass(10_000);
    await expect(stock.take(realm, false)).rejects.toThrow('nobody is there');
  });

  it('does not take an empty lot, or one without a life, for a domain that is not served', async () => {
    const { auth, stock } = stockOf();
    auth.leaseChange = { nonces: [] };
    await expect(stock.take(realm, false)).rejects.toMatchObject({
      code: GrpcCode.RESOURCE_EXHAUSTED,
      reason: 'NO_NONCES',
    });
    auth.leaseChange = { lifetimeMs: 0 };
    await expect(stock.take(realm, false)).rejects.toMatchObject({ code: GrpcCode.RESOURCE_EXHAUSTED });
    expect(auth.timesAsked('leaseChallenges')).toBeLessThan(10);
  });

  it('knows the networks of a lease', async () => {
    const { auth, stock } = stockOf();
    auth.networks = ['192.0.2.0/24'];
    expect(await stock.isTrustedSource(realm, '192.0.2.9')).toBe(true);
    expect(await stock.isTrustedSource(realm, '192.0.3.9')).toBe(false);
    expect(await stock.isTrustedSource('other.org', '192.0.2.9')).toBe(false);
  });
});
