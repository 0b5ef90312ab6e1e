import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';

const sample = fileURLToPath(new URL('sample-program.ts', import.meta.url));
const running: ChildProcess[] = [];

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

interface Line {
  readonly msg: string;
  readonly level: string;
  readonly port?: number;
}

/** Starts the sample with these variables, and follows what it writes. */
function start(env: Record<string, string>, ...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=rollcall-source', sample, ...args], {
    env: { HTTP_LISTEN: '127.0.0.1:0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  const lines: Line[] = [];
  let stderr = '';
  child.stderr.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  const waiting: { msg: string; resolve: (line: Line) => void }[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const { msg, resolve } of waiting) if (msg === line.msg) resolve(line);
  });
  return {
    child,
    lines,
    stderr: () => stderr,
    exited: once(child, 'close').then(([code]) => code as number | null),
    said: (msg: string) =>
      new Promise<Line>((resolve) => {
        const said = lines.find((line) => line.msg === msg);
        if (said === undefined) waiting.push({ msg, resolve });
        else resolve(said);
      }),
  };
}

describe('runProgram', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('stops in order on %s and exits with 0', async (signal) => {
    const program = start({});
    await program.said('ready');
    program.child.kill(signal);
    expect(await program.exited).toBe(0);
    expect(program.lines.map(({ msg }) => msg)).toEqual([
      'ready',
      'stopping',
      'a step of the stop failed',
      'stopped',
    ]);
  });

  it('starts nothing where somebody gives it arguments', async () => {
    const program = start({}, '--port=5070');
    expect(await program.exited).toBe(2);
    expect(program.stderr()).toMatch(
      /^sample: takes no arguments such as --port=5070; variables of the environment .*\n$/,
    );
    expect(program.lines).toEqual([]);
  });

  it('stops in order where it is told to while it still waits to start', async () => {
    const program = start({ EDGE_BEHAVIOUR: 'wait for ever' });
    await program.said('waiting');
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(0);
    expect(program.lines.at(-1)?.msg).toBe('stopped');
  });

  it('exits with 1 where stopping takes too long', async () => {
    const program = start({ EDGE_BEHAVIOUR: 'hang on stop' });
    await program.said('ready');
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(1);
    expect(program.lines.at(-1)?.msg).toBe('not stopped in time; leaving');
  });

  it('exits at once on a second signal', async () => {
    const program = start({ EDGE_BEHAVIOUR: 'hang on stop' });
    await program.said('ready');
    program.child.kill('SIGTERM');
    await program.said('stopping');
    program.child.kill('SIGTERM');
    expect(await program.exited).toBe(1);
    expect(program.lines.map(({ msg }) => msg)).not.toContain('not stopped in time; leaving');
  });

  it('reports a wrong configuration readably and exits with 78', async () => {
    const program = start({
      EDGE_BEHAVIOUR: 'fly',
      EDGE_WAIT: '0',
      LOG_LEVEL: 'loud',
      HTTP_LISTEN: '8080',
      EDGE_WIAT: '1',
    });
    expect(await program.exited).toBe(78);
    expect(program.stderr()).toMatch(/^sample: The configuration has 5 problems:\n/);
    expect(program.stderr()).not.toMatch(/^\s+at /m);
  });

  it.each(['run', 'take the port'])(
    'says which variable names an address that is taken (%s)',
    async (behaviour) => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const address = other.address();
      const listen = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
      const program = start({ HTTP_LISTEN: listen, EDGE_BEHAVIOUR: behaviour });
      expect(await program.exited).toBe(1);
      const variable = behaviour === 'run' ? 'HTTP_LISTEN' : 'EDGE_TCP_LISTEN';
      expect(program.stderr()).toBe(
        `sample: cannot listen on ${listen} (${variable}): it is taken, by another program or another variable of this one; \`ss -lntup\` shows by whom (EADDRINUSE)\n`,
      );
      other.close();
    },
  );

  it.each([
    ['reject', 'unhandled rejection'],
    ['throw', 'uncaught exception'],
  ])('logs what nobody caught (%s) and exits with 1', async (behaviour, msg) => {
    const program = start({ EDGE_BEHAVIOUR: behaviour });
    expect(await program.exited).toBe(1);
    expect(program.lines.at(-1)).toMatchObject({ level: 'fatal', msg });
  });

  it('exits with 1 and the stack where it cannot start', async () => {
    const program = start({ EDGE_BEHAVIOUR: 'fail to start' });
    expect(await program.exited).toBe(1);
    expect(program.stderr()).toMatch(/^sample: Error: no way\n\s+at /);
  });
});
