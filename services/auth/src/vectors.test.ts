import { hashUsername } from '@rollcall/digest';
import type { GetVectorRequest, Vector } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { context, openAuth, realm } from '../test/support.ts';

async function vectorOf(
  change: Partial<GetVectorRequest>,
  env: Record<string, string> = {},
): Promise<Vector> {
  const { auth } = await openAuth(env);
  const request = { realm, username: '', userhash: false, algorithm: '', aor: '', ...change };
  const { vector } = await auth.calls.getVector(request, context);
  if (vector === undefined) throw new Error('no vector');
  return vector;
}

/** What can be seen of a vector without knowing the password: everything but the digits of the hashes. */
function shapeOf({ ha1, ...rest }: Vector): unknown {
  return {
    ...rest,
    ha1: ha1.map(({ algorithm, hash }) => [algorithm, hash.length, /^[0-9a-f]+$/.test(hash)]),
  };
}

describe('vectors', () => {
  it('A5: of an unknown user have the shape of a known one, and are the same each time', async () => {
    const unknown = await vectorOf({ username: 'nobody' });
    const known = await vectorOf({ username: 'alice' });
    const named = { ...unknown, aors: ['sip:alice@example.com'], numbers: known.numbers };
    expect(shapeOf(named)).toEqual(shapeOf(known));
    expect(unknown.aors).toEqual(['sip:nobody@example.com']);
    expect(await vectorOf({ username: 'nobody' })).toEqual(unknown);
    expect((await vectorOf({ username: 'nobody2' })).ha1).not.toEqual(unknown.ha1);
  });

  it('A25: of an unknown user are the same on every replica, and secret', async () => {
    const one = await vectorOf({ username: 'nobody' }, { AUTH_NONCE_SECRETS: 'first-secret-of-nonces' });
    const other = await vectorOf({ username: 'nobody' }, { AUTH_NONCE_SECRETS: 'other-secret-of-nonces' });
    expect(one.ha1).not.toEqual(other.ha1);
  });

  it('A23: are given under both forms of a name, with different HA1 and the same AOR', async () => {
    const short = await vectorOf({ username: 'alice' });
    const long = await vectorOf({ username: 'alice@example.com' });
    expect(short.aors).toEqual(['sip:alice@example.com']);
    expect(long.aors).toEqual(short.aors);
    expect(long.ha1).not.toEqual(short.ha1);
    expect((await vectorOf({ username: 'nobody@example.com' })).aors).toEqual(['sip:nobody@example.com']);
  });

  it('A20: are given for a hashed name, and then not to be kept', async () => {
    const plain = await vectorOf({ username: 'alice' });
    const username = hashUsername('SHA-256', 'alice', realm).toUpperCase();
    const hashed = await vectorOf({ username, userhash: true, algorithm: 'SHA-256' });
    expect(hashed).toEqual({ ...plain, lifetimeMs: 0 });
    const unknown = await vectorOf({ username: 'f'.repeat(64), userhash: true, algorithm: 'SHA-256' });
    expect(shapeOf({ ...unknown, aors: [], numbers: [] })).toEqual(
      shapeOf({ ...hashed, aors: [], numbers: [] }),
    );
    const odd = await vectorOf({ username, userhash: true, algorithm: 'MD4' });
    expect(odd.ha1).not.toEqual(plain.ha1);
  });

  it('R10.3-4b: say where a replay could cross from one AOR to another', async () => {
    expect((await vectorOf({ username: 'alice' })).sharedNonces).toBe(false);
    const assistant = await vectorOf({ username: 'assistant' });
    expect(assistant.sharedNonces).toBe(true);
    expect(assistant.aors).toEqual(['sip:assistant@example.com', 'sip:sales@example.com']);
  });

  it('by AOR are of those alone whose network suffices', async () => {
    const trunk = await vectorOf({ aor: 'sip:trunk@example.com' });
    expect(trunk).toMatchObject({ networkSuffices: true, networks: ['192.0.2.0/24'], lifetimeMs: 0 });
    expect(trunk.ha1).toHaveLength(2);
    const alice = await vectorOf({ aor: 'sip:alice@example.com' });
    expect(alice).toMatchObject({
      networkSuffices: false,
      networks: [],
      numbers: [],
      aors: ['sip:alice@example.com'],
    });
    const byName = await vectorOf({ username: 'trunk' });
    expect(byName).toMatchObject({ networkSuffices: false, networks: [] });
  });

  it('are useless in a realm that is not served', async () => {
    const vector = await vectorOf({ username: 'alice', realm: 'example.org' });
    expect(vector).toMatchObject({ aors: [], numbers: [] });
    expect(vector.ha1).toHaveLength(2);
  });
});
