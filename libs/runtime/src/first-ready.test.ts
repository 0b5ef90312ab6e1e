import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { Clock } from './clock.ts';
import { firstReady } from './first-ready.ts';
import { createLogger } from './logger.ts';

/** Time passes as fast as it is waited for. */
class FastClock implements Clock {
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void) {
    let cancelled = false;
    setImmediate(() => {
      if (cancelled) return;
      this.#nowMs += delayMs;
      run();
    });
    return {
      cancel: () => {
        cancelled = true;
      },
    };
  }
}

function waitFor(problemAt: (nowMs: number) => string | undefined, longestMs?: number) {
  const clock = new FastClock();
  const said: { msg: string; problems?: string[] }[] = [];
  const destination = new Writable({
    write: (chunk, _encoding, done) => {
      said.push(JSON.parse(String(chunk)) as { msg: string });
      done();
    },
  });
  const logger = createLogger({ service: 'edge', level: 'info', format: 'json', destination });
  const told = new AbortController();
  const check = vi.fn(() => problemAt(clock.nowMs()));
  const waiting = firstReady([{ name: 'auth', check }], {
    ...{ clock, logger, stopping: told.signal },
    ...(longestMs === undefined ? {} : { longestMs }),
  });
  return { clock, said, told, check, waiting };
}

describe('waiting for what is needed before a port opens', () => {
  it('is over at once where all is there', async () => {
    const { clock, waiting } = waitFor(() => undefined);
    await waiting;
    expect(clock.nowMs()).toBe(0);
  });

  it('ends when the last check is content, however long that takes', async () => {
    const { clock, waiting } = waitFor((nowMs) => (nowMs < 60_000 ? 'no auth answers' : undefined));
    await waiting;
    expect(clock.nowMs()).toBeGreaterThanOrEqual(60_000);
  });

  it('says after two seconds what is missing, and again now and then', async () => {
    const { said, waiting } = waitFor((nowMs) => (nowMs < 40_000 ? 'no auth answers' : undefined));
    await waiting;
    expect(said.map(({ msg, problems }) => [msg, problems])).toEqual([
      ['not open yet', ['no auth answers']],
      ['not open yet', ['no auth answers']],
    ]);
  });

  it('goes on without, where that is better than not at all', async () => {
    const { clock, waiting } = waitFor(() => 'no registrar answers', 5000);
    await waiting;
    expect(clock.nowMs()).toBeGreaterThanOrEqual(5000);
    expect(clock.nowMs()).toBeLessThan(6000);
  });

  it('ends when the process is told to stop', async () => {
    const { told, check, waiting } = waitFor(() => 'no auth answers');
    await vi.waitUntil(() => check.mock.calls.length > 3);
    told.abort();
    await expect(waiting).resolves.toBeUndefined();
  });
});
