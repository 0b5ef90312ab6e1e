import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findFreePort, SipAgent } from '@rollcall/testkit';
import { describe, expect, it } from 'vitest';
import { findDescendants, isRunning } from './src/child-processes.ts';
import { type RunningProgram, runProgram } from './src/run-program.ts';

/** Starting five processes on a busy machine. */
const readyTimeoutMs = 60_000;

const ports = async (...names: readonly string[]) =>
  Object.fromEntries(await Promise.all(names.map(async (name) => [name, await findFreePort()] as const)));

/** What `npm start` and `npm run services` run. */
const programs = [
  {
    name: 'npm start',
    main: 'services/standalone/src/main.ts',
    listeners: ['EDGE_UDP_LISTEN', 'EDGE_TCP_LISTEN', 'LOCATION_GRPC_LISTEN', 'HTTP_LISTEN'],
    children: 0,
  },
  {
    name: 'npm run services',
    main: 'libs/testkit/src/services-main.ts',
    listeners: [
      'EDGE_UDP_LISTEN',
      'EDGE_TCP_LISTEN',
      'REGISTRAR_GRPC_LISTEN',
      'AUTH_GRPC_LISTEN',
      'LOCATION_GRPC_LISTEN',
      'REDIRECT_GRPC_LISTEN',
      'HTTP_LISTEN',
    ],
    children: 5,
  },
] as const;

describe.each(programs)('$name', ({ main, listeners, children }) => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends all it started at %s, with exit code 0, and frees its ports',
    async (signal) => {
      const chosen = await ports(...listeners);
      const env = Object.fromEntries(
        Object.entries(chosen).map(([name, port]) => [name, `127.0.0.1:${port}`]),
      );
      const program = runProgram(main, env);
      const pids: number[] = [];
      try {
        await ready(program);
        pids.push(program.pid, ...(await findDescendants(program.pid)));
        expect(pids.length).toBeGreaterThanOrEqual(1 + children);
        await using agent = new SipAgent({
          transport: 'udp',
          server: { host: '127.0.0.1', port: chosen.EDGE_UDP_LISTEN ?? 0 },
        });
        const demo = { aor: 'sip:alice@example.com', password: 'wonderland' };
        expect((await agent.register(demo)).status).toBe(200);
      } finally {
        program.kill(signal);
      }
      expect(await program.ended, program.stderr.text).toBe(0);
      expect(pids.filter(isRunning)).toEqual([]);
      expect(await Promise.all(Object.values(chosen).map(isFree))).toEqual(listeners.map(() => true));
    },
  );
});

/** Waits for the line that both programs print once they are ready. */
async function ready(program: RunningProgram): Promise<void> {
  const line = program.stdout.next((text) => text.includes(' is ready: '), '"is ready"', readyTimeoutMs);
  const outcome = await Promise.race([line, program.ended.then((code) => `ended with ${code}`)]);
  expect(outcome, program.stderr.text).toContain(' is ready: ');
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  const opened = Promise.all([once(server, 'listening'), once(socket, 'listening')]);
  const free = await opened.then(
    () => true,
    () => false,
  );
  server.close();
  socket.close();
  return free;
}
