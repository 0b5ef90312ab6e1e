import { exec } from 'node:child_process';
import { promisify } from 'node:util';
import { SipAgent } from '@rollcall/testkit';
import { describe, expect, it } from 'vitest';
import { findDescendants, isRunning } from './src/child-processes.ts';
import { choosePorts, httpPorts, isFree } from './src/free-listeners.ts';
import { type RunningProgram, root, runScript } from './src/run-program.ts';

/** Starting five processes on a busy machine. */
const readyTimeoutMs = 60_000;
const sipListeners = ['EDGE_UDP_LISTEN', 'EDGE_TCP_LISTEN'];

/** The two scripts that run the whole product, and the least number of processes below npm. */
const scripts = [
  { script: 'start', listeners: [...sipListeners, 'LOCATION_GRPC_LISTEN', 'HTTP_LISTEN'], children: 1 },
  {
    script: 'services',
    listeners: [
      ...sipListeners,
      'REGISTRAR_GRPC_LISTEN',
      'AUTH_GRPC_LISTEN',
      'LOCATION_GRPC_LISTEN',
      'REDIRECT_GRPC_LISTEN',
      'HTTP_LISTEN',
    ],
    // The starter and five services; Redis too, where it is a process of ours.
    children: 6,
  },
];

describe.each(scripts)('npm run $script', ({ script, listeners, children }) => {
  it('prints commands that work as printed, and shows what they did', async () => {
    const chosen = await choosePorts(listeners);
    const program = await startScript(script, chosen);
    try {
      const sip = [`udp 127.0.0.1:${chosen.EDGE_UDP_LISTEN}`, `tcp 127.0.0.1:${chosen.EDGE_TCP_LISTEN}`];
      expect(program.stdout.text).toContain(`  SIP    ${sip.join(', ')}\n`);
      const commands = program.stdout.text.split('\n').filter((line) => line.startsWith('  npx rollcall '));
      expect(commands.map((line) => line.trim().split(' ')[2])).toEqual(['register', 'lookup', 'invite']);
      const live = program.stdout.next((line) => line.includes('alice'), 'a live line', readyTimeoutMs);
      const outputs: string[] = [];
      // exec rejects where a command does not exit with 0.
      for (const command of commands) outputs.push((await promisify(exec)(command, { cwd: root })).stdout);
      expect(outputs[0]).toContain('200');
      expect(outputs[1]).toMatch(/sip:alice@127\.0\.0\.1:\d+/);
      expect(outputs[2]).toContain('302');
      expect(await live).toContain('registered');
    } finally {
      program.kill('SIGTERM');
      await program.ended;
    }
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends all it started at %s, with exit code 0, and frees its ports',
    async (signal) => {
      const chosen = await choosePorts(listeners);
      const program = await startScript(script, chosen);
      const pids = [program.pid, ...(await findDescendants(program.pid))];
      try {
        expect(pids.length).toBeGreaterThanOrEqual(1 + children);
        const server = { host: '127.0.0.1', port: chosen.EDGE_UDP_LISTEN ?? 0 };
        await using agent = new SipAgent({ transport: 'udp', server });
        const demo = { aor: 'sip:alice@example.com', password: 'wonderland' };
        expect((await agent.register(demo)).status).toBe(200);
      } finally {
        program.kill(signal);
      }
      expect(await program.ended, program.stderr.text).toBe(0);
      // What watches over Redis ends once it has seen that there is nothing left to watch.
      await expect.poll(() => pids.filter(isRunning)).toEqual([]);
      const ports = [...new Set([...Object.values(chosen), ...httpPorts(chosen.HTTP_LISTEN)])];
      expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => true));
    },
  );
});

describe('npm run services', () => {
  const services = scripts[1]?.listeners ?? [];

  it('gives all variables of the services to them, and says what is wrong with one, once', async () => {
    const program = runScript('services', { ...(await chooseAddresses(services)), TRACE_SAMPLE_RATIO: '2' });
    expect(await program.ended).toBe(1);
    expect(program.stderr.text).toMatch(/^(\w+): The configuration has 1 problem:\n/m);
    expect(program.stderr.text).toMatch(/^\w+ ended with exit code 78$/m);
    expect(program.stderr.text).not.toMatch(/^(\w+): \1: /m);
  });

  it('leaves nothing behind that it had begun to start', async () => {
    const program = runScript('services', await chooseAddresses(services));
    await program.stdout.next(
      (line) => line.includes('starting the five services'),
      'a start',
      readyTimeoutMs,
    );
    // The starter and its five, none of which is ready so soon.
    await expect.poll(async () => (await findDescendants(program.pid)).length).toBeGreaterThanOrEqual(6);
    const pids = [program.pid, ...(await findDescendants(program.pid))];
    program.kill('SIGINT');
    await program.ended;
    await expect.poll(() => pids.filter(isRunning)).toEqual([]);
  });
});

it('npm run services leaves nothing behind when it is killed', async () => {
  // Without a Redis: a container of the engine's ends with nobody.
  const env = { ...(await chooseAddresses(scripts[1]?.listeners ?? [])), LOCATION_STORE: 'memory:' };
  const program = await untilReady(runScript('services', env));
  const pids = await findDescendants(program.pid);
  const [starter] = pids;
  if (starter === undefined) throw new Error('npm has started nothing');
  process.kill(starter, 'SIGKILL');
  await expect.poll(() => pids.filter(isRunning), { timeout: 10_000 }).toEqual([]);
});

async function chooseAddresses(listeners: readonly string[]): Promise<Record<string, string>> {
  return addressesOf(await choosePorts(listeners));
}

function addressesOf(ports: Readonly<Record<string, number>>): Record<string, string> {
  return Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, `127.0.0.1:${port}`]));
}

/** Starts a script and waits for the last line that it prints once all is ready. */
async function startScript(script: string, ports: Readonly<Record<string, number>>): Promise<RunningProgram> {
  return untilReady(runScript(script, addressesOf(ports)));
}

async function untilReady(program: RunningProgram): Promise<RunningProgram> {
  const line = program.stdout.next((text) => text.includes('Ctrl-C stops'), '"Ctrl-C stops"', readyTimeoutMs);
  const outcome = await Promise.race([line, program.ended.then((code) => `ended with ${code}`)]);
  expect(outcome, program.stderr.text).toContain('Ctrl-C stops');
  return program;
}
