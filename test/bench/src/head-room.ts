import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Generator } from './load/generator.ts';

const reflectorMain = fileURLToPath(new URL('./load/reflector-main.ts', import.meta.url));

/** What the generator does against a server that only answers. */
export interface HeadRoom {
  readonly perSec: number;
  readonly generatorUs: number;
}

/** Registers as fast as the generator can, against the reflector, which takes part of the same processors. */
export async function measureHeadRoom(generator: Generator, operations: number): Promise<HeadRoom> {
  const reflector = fork(reflectorMain);
  const [port] = (await once(reflector, 'message')) as [number];
  const { done, elapsedMs, cpuUs } = await generator.run({
    scenario: 'register',
    transport: 'udp',
    server: { host: '127.0.0.1', port },
    from: 0,
    count: operations,
    perSec: undefined,
    inFlight: 128,
  });
  reflector.disconnect();
  return { perSec: (done / elapsedMs) * 1000, generatorUs: cpuUs / done };
}
