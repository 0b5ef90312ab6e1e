import { once } from 'node:events';
import { connect } from 'node:net';
import { findFreePort } from '@rollcall/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatSubscribers, makePhones } from './src/phones.ts';
import { type RunningProgram, runProgram } from './src/run-program.ts';
import { makeScratchFolder, type ScratchFolder } from './src/scratch-folder.ts';

/** Programs start on a busy machine. */
const startMs = 60_000;
const running: RunningProgram[] = [];
let folder: ScratchFolder | undefined;

afterEach(async () => {
  for (const { kill } of running) kill('SIGTERM');
  // Also those that still wait for others end in order.
  expect(await Promise.all(running.splice(0).map(({ ended }) => ended))).not.toContain(1);
  await folder?.remove();
  folder = undefined;
});

function start(name: string, http: number, env: Readonly<Record<string, string>>): void {
  const variables = { HTTP_LISTEN: `127.0.0.1:${http}`, LOG_FORMAT: 'json', ...env };
  running.push(runProgram(`services/${name}/src/main.ts`, variables));
}

/** The names of the checks that /readyz is not content with; undefined while nobody answers. */
async function unready(http: number): Promise<string[] | undefined> {
  const response = await fetch(`http://127.0.0.1:${http}/readyz`).catch(() => undefined);
  const body = (await response?.json()) as { checks: { name: string; ok: boolean }[] } | undefined;
  return body?.checks.filter(({ ok }) => !ok).map(({ name }) => name);
}

async function untilUnready(http: number, names: readonly string[]): Promise<void> {
  await vi.waitFor(async () => expect(await unready(http)).toEqual(names), {
    timeout: startMs,
    interval: 50,
  });
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function startAuthAndLocation(auth: number, location: number): Promise<void> {
  folder = await makeScratchFolder();
  const subscribers = await folder.write('subscribers.yaml', formatSubscribers(makePhones('late', 1)));
  start('auth', await findFreePort(), {
    AUTH_GRPC_LISTEN: `127.0.0.1:${auth}`,
    AUTH_SUBSCRIBERS: `file:${subscribers}`,
  });
  start('location', await findFreePort(), { LOCATION_GRPC_LISTEN: `127.0.0.1:${location}` });
}

describe('a service opens the port that others find it by', () => {
  it.each(['registrar', 'redirect'])(
    'once it can serve: %s waits for auth and location',
    async (name) => {
      const [auth, location, grpc, http] = [
        await findFreePort(),
        await findFreePort(),
        await findFreePort(),
        await findFreePort(),
      ];
      const prefix = name.toUpperCase();
      start(name, http, {
        [`${prefix}_GRPC_LISTEN`]: `127.0.0.1:${grpc}`,
        [`${prefix}_AUTH`]: `dns:///127.0.0.1:${auth}`,
        [`${prefix}_LOCATION`]: `dns:///127.0.0.1:${location}`,
      });
      await untilUnready(http, ['process', 'auth', 'location']);
      expect((await fetch(`http://127.0.0.1:${http}/livez`)).status).toBe(200);
      expect(await isOpen(grpc)).toBe(false);
      await startAuthAndLocation(auth, location);
      await untilUnready(http, []);
      expect(await isOpen(grpc)).toBe(true);
    },
    2 * startMs,
  );

  it(
    'or, where nobody is behind it, soon: an edge says 503 rather than nothing',
    async () => {
      const [sip, http] = [await findFreePort(), await findFreePort()];
      start('edge', http, {
        EDGE_UDP_LISTEN: '',
        EDGE_TCP_LISTEN: `127.0.0.1:${sip}`,
        EDGE_REGISTRAR: `dns:///127.0.0.1:${await findFreePort()}`,
        EDGE_REDIRECT: `dns:///127.0.0.1:${await findFreePort()}`,
      });
      await untilUnready(http, ['process', 'registrar', 'redirect']);
      expect(await isOpen(sip)).toBe(false);
      await untilUnready(http, ['registrar', 'redirect']);
      expect(await isOpen(sip)).toBe(true);
      expect((await fetch(`http://127.0.0.1:${http}/readyz`)).status).toBe(200);
    },
    2 * startMs,
  );
});
