import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, Metrics, systemClock } from '@rollcall/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Auth, composeAuth } from '../src/compose.ts';
import { FileSubscriberStore } from '../src/subscribers/file-subscriber-store.ts';
import {
  answer,
  challengeOf,
  configOf,
  context,
  ManualClock,
  makeLogger,
  RecordingSink,
  realm,
  verifyRequest,
} from './support.ts';

const file = (...users: [string, string][]) =>
  users
    .map(([name, password]) => `- username: ${name}\n  domain: ${realm}\n  password: ${password}\n`)
    .join('');

describe('a subscribers file that is edited', () => {
  let folder: string;
  let path: string;
  let auth: Auth | undefined;
  let lines: string[];
  let metrics: Metrics;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rollcall-auth-'));
    path = join(folder, 'subscribers.yaml');
  });

  afterEach(async () => {
    await auth?.close();
    auth = undefined;
    await rm(folder, { recursive: true });
  });

  async function open(sources = `file:${path}`): Promise<{ sink: RecordingSink; auth: Auth }> {
    const log = makeLogger();
    lines = log.lines;
    metrics = new Metrics();
    const config = configOf({ AUTH_SUBSCRIBERS: sources });
    auth = await composeAuth({ config, clock: systemClock, logger: log.logger, metrics });
    const sink = new RecordingSink();
    auth.calls.watchSubscribers('registrar-1', sink);
    return { sink, auth };
  }

  async function accepts(running: Auth, name: string, password: string): Promise<boolean> {
    const credentials = answer(await challengeOf(running), name, password);
    return (await running.calls.verify(verifyRequest(credentials), context)).verdict?.$case === 'verified';
  }

  /** Waits for an event and says how long it took. */
  async function after(sink: RecordingSink, kind: string, edit: () => Promise<void>): Promise<number> {
    const told = sink.next(kind);
    await edit();
    const editedAtMs = performance.now();
    await told;
    return performance.now() - editedAtMs;
  }

  it('is read again within a second, and the changed users are named', async () => {
    await writeFile(path, file(['alice', 'one'], ['bob', 'x']));
    const { sink, auth: running } = await open();
    expect(await accepts(running, 'alice', 'one')).toBe(true);
    const elapsedMs = await after(sink, 'invalidated', () =>
      writeFile(path, file(['alice', 'two'], ['bob', 'x'])),
    );
    expect(elapsedMs).toBeLessThan(1000);
    const last = sink.events.findLast(({ event }) => event?.$case === 'invalidated')?.event;
    const named = last?.$case === 'invalidated' ? last.value.subscribers.map(({ username }) => username) : [];
    expect(named).toEqual(['alice', 'alice@example.com']);
    expect(await accepts(running, 'alice', 'two')).toBe(true);
    expect(await accepts(running, 'alice', 'one')).toBe(false);
  });

  it('is seen when an editor puts a new file in its place', async () => {
    await writeFile(path, file(['alice', 'one']));
    const { sink, auth: running } = await open();
    await after(sink, 'invalidated', async () => {
      await writeFile(`${path}.swp`, file(['alice', 'two']));
      await rename(`${path}.swp`, path);
    });
    expect(await accepts(running, 'alice', 'two')).toBe(true);
    await after(sink, 'invalidated', async () => {
      await writeFile(`${path}.swp`, file(['alice', 'three']));
      await rename(`${path}.swp`, path);
    });
    expect(await accepts(running, 'alice', 'three')).toBe(true);
  });

  it('is seen when Kubernetes turns the link of a ConfigMap', async () => {
    for (const [version, password] of [
      ['v1', 'one'],
      ['v2', 'two'],
    ] as const) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'subscribers.yaml'), file(['alice', password]));
    }
    await symlink('v1', join(folder, '..data'));
    await symlink('..data/subscribers.yaml', path);
    const { sink, auth: running } = await open();
    await after(sink, 'invalidated', async () => {
      await symlink('v2', join(folder, '..data_tmp'));
      await rename(join(folder, '..data_tmp'), join(folder, '..data'));
    });
    expect(await accepts(running, 'alice', 'two')).toBe(true);
  });

  it('stays in use as it was after a bad edit, which is named with its line; and goes on with a good one', async () => {
    await writeFile(path, file(['alice', 'one']));
    const { sink, auth: running } = await open();
    await writeFile(
      path,
      `${file(['alice', 'two'])}- username: bob\n  domain: ${realm}\n  pasword: s3cret\n`,
    );
    await expect.poll(() => lines.join('')).toContain(`${path}:6: pasword is not known here`);
    expect(lines.join('')).not.toContain('s3cret');
    expect(await accepts(running, 'alice', 'one')).toBe(true);
    expect(sink.kinds()).not.toContain('invalidated');
    expect((await metrics.render()).body).toContain('rollcall_config_reloads_total{result="failure"} 1');
    await after(sink, 'invalidated', () => writeFile(path, file(['alice', 'two'])));
    expect(await accepts(running, 'alice', 'two')).toBe(true);
    expect((await metrics.render()).body).toContain('rollcall_config_reloads_total{result="success"} 1');
  });

  it('is complained of once for each edit, however often it is looked at', async () => {
    await writeFile(path, file(['alice', 'one']));
    const { logger, lines: said } = makeLogger();
    const clock = new ManualClock();
    const store = await FileSubscriberStore.open({ path, algorithms: ['MD5'], clock, logger });
    await writeFile(path, 'nonsense');
    for (let looks = 0; looks < 5; looks += 1) {
      clock.pass(500);
      await expect.poll(() => clock.timers).toBe(1);
    }
    expect(said.filter((line) => line.includes('not usable'))).toHaveLength(1);
    expect(said.join('')).toContain('must be a list of subscribers');
    await store.close();
  });

  it('stays in use as it was while it is gone or empty', async () => {
    await writeFile(path, file(['alice', 'one']));
    const { sink, auth: running } = await open();
    await writeFile(path, '');
    await expect.poll(() => lines.join('')).toContain('is empty');
    await rm(path);
    await expect.poll(() => lines.join('')).toContain('ENOENT');
    expect(await accepts(running, 'alice', 'one')).toBe(true);
    await after(sink, 'invalidated', () => writeFile(path, file(['alice', 'two'])));
    expect(await accepts(running, 'alice', 'two')).toBe(true);
  });

  it('is one of several sources, of which the first match wins', async () => {
    const other = join(folder, 'more.yaml');
    await writeFile(path, file(['alice', 'one']));
    await writeFile(other, file(['alice', 'other'], ['bob', 'x']));
    const { auth: running } = await open(`file:${path} file:${other}`);
    expect(await accepts(running, 'alice', 'one')).toBe(true);
    expect(await accepts(running, 'alice', 'other')).toBe(false);
    expect(await accepts(running, 'bob', 'x')).toBe(true);
  });

  it('that cannot be used at the start is a problem of the configuration, each line named', async () => {
    const missing = join(folder, 'missing.yaml');
    await writeFile(path, '- username: alice\n  domain: example.com\n- x\n');
    const opening = open(`file:${path} file:${missing}`);
    await expect(opening).rejects.toBeInstanceOf(ConfigError);
    const error = await opening.catch((reason: unknown) => reason);
    const problems = error instanceof ConfigError ? error.problems : [];
    expect(problems.map(({ variable }) => variable)).toEqual(Array(3).fill('AUTH_SUBSCRIBERS'));
    expect(problems[0]?.problem).toBe(`${path}:1: needs a password, ha1 or networks`);
    expect(problems[1]?.problem).toBe(`${path}:3: must be a map of username, domain, …`);
    expect(problems[2]?.problem).toContain('ENOENT');
  });

  it('that a database is entered by and that is missing is one too; no password is shown', async () => {
    const opening = open('postgres://rollcall:pw@127.0.0.1:1/rollcall?sslrootcert=/missing.crt');
    await expect(opening).rejects.toMatchObject({
      problems: [
        {
          variable: 'AUTH_SUBSCRIBERS',
          value: 'postgres://rollcall:…@127.0.0.1:1/rollcall?sslrootcert=/missing.crt',
          problem: 'names a file that cannot be read: /missing.crt (ENOENT)',
        },
      ],
    });
  });

  it('of a database that does not answer is not taken for one without subscribers', async () => {
    await open('postgres://127.0.0.1:1/rollcall');
    expect(lines.join('')).toContain('ECONNREFUSED');
    expect(lines.join('')).not.toContain('no domain is served');
  });
});
