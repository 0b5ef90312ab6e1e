import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics, systemClock } from '@rollcall/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Auth, composeAuth } from '../src/compose.ts';
import {
  alice,
  answer,
  challengeOf,
  configOf,
  context,
  listOf,
  makeLogger,
  verifyRequest,
} from './support.ts';

const [old, young] = ['the-old-secret-of-nonces', 'the-new-secret-of-nonces'];
let folder: string;
let path: string;
let auth: Auth;
let lines: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rollcall-auth-'));
  path = join(folder, 'secrets');
  await writeFile(path, old);
  const made = makeLogger();
  lines = made.lines;
  auth = await composeAuth({
    ...{ config: configOf({ AUTH_NONCE_SECRETS: old }), clock: systemClock, logger: made.logger },
    ...{ metrics: new Metrics(), subscribers: listOf(alice), nonceSecretsPath: path },
  });
});

afterEach(async () => {
  await auth.close();
  await rm(folder, { recursive: true });
});

async function put(text: string, told: string): Promise<void> {
  const before = lines.length;
  await writeFile(path, text);
  await expect.poll(() => lines.slice(before).join('\n'), { timeout: 10_000 }).toContain(told);
}

async function verdictOf(challenge: Awaited<ReturnType<typeof challengeOf>>) {
  const credentials = answer(challenge, 'alice', 'wonderland');
  const { verdict } = await auth.calls.verify(verifyRequest(credentials), context);
  return verdict?.$case === 'challenge' ? `stale=${verdict.value.stale}` : verdict?.$case;
}

describe('nonce secrets of a file', () => {
  it('A25: are rotated without a restart: what was issued before stays good as long as its secret is there', async () => {
    const first = await challengeOf(auth);
    await put(`${old} ${young}`, 'nonce secrets read again');
    const second = await challengeOf(auth);
    await put(`${young} ${old}`, 'nonce secrets read again');
    const third = await challengeOf(auth);
    expect(await Promise.all([first, second, third].map(verdictOf))).toEqual([
      'verified',
      'verified',
      'verified',
    ]);
    await put(young, 'nonce secrets read again');
    // The right password with a nonce of before: the phone answers a new challenge by itself.
    expect(await Promise.all([first, second, third].map(verdictOf))).toEqual([
      'stale=true',
      'stale=true',
      'verified',
    ]);
    expect(lines.join('\n')).not.toContain('the-new-secret');
  });

  it('stay as they are where the file cannot be used', async () => {
    const first = await challengeOf(auth);
    await put('short', 'cannot be used');
    expect(await verdictOf(first)).toBe('verified');
    await rm(path);
    await put(young, 'nonce secrets read again');
    expect(await verdictOf(first)).toBe('stale=true');
  });
});
