import { ManualClock } from '@rollcall/testkit';
import type { Listener, TransportName } from '@rollcall/transport';
import { expect, it } from 'vitest';
import { drainEdge, longestDrainMs } from './drain.ts';

/** A clock, and listeners whose steps are written down with the seconds since the start. */
function rig(streamSec: number) {
  const clock = new ManualClock(0);
  const steps: string[] = [];
  const note = (step: string) => steps.push(`${clock.nowMs() / 1000} s: ${step}`);
  const listener = (transport: TransportName): Listener => ({
    transport,
    address: { host: '127.0.0.1', port: 5060 },
    stop: () => note(`${transport} stopped`),
    close: async () => undefined,
    drain: (overMs) => {
      note(`${transport} drained over ${overMs} ms`);
      return new Promise((resolve) => clock.after(streamSec * 1000, resolve));
    },
  });
  return { clock, steps, note, listeners: [listener('udp'), listener('tcp')] };
}

/** Moves the clock on in small steps, with the promises that hang on each. */
async function pass(clock: ManualClock, sec: number): Promise<void> {
  for (let tick = 0; tick < sec * 50; tick += 1) {
    clock.advance(20);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
  }
}

it('serves on, then closes connections over their time, then stops UDP, then waits for answers', async () => {
  const { clock, steps, note, listeners } = rig(60);
  let pending = 2;
  const times = { acceptSec: 20, streamSec: 60, udpSec: 30 };
  void drainEdge(listeners, times, clock, () => pending).then(() => note('done'));
  await pass(clock, 81);
  expect(steps).toEqual(['20 s: tcp drained over 60000 ms', '80 s: udp stopped', '80 s: tcp stopped']);
  pending = 0;
  await pass(clock, 1);
  expect(steps.at(-1)).toMatch(/^81\.\d+ s: done$/);
});

it('serves UDP for its own time where connections are gone sooner, and waits for no answer for ever', async () => {
  const { clock, steps, note, listeners } = rig(1);
  const times = { acceptSec: 0, streamSec: 1, udpSec: 30 };
  void drainEdge(listeners, times, clock, () => 1).then(() => note('done'));
  await pass(clock, 40);
  expect(steps.slice(1)).toEqual(['30 s: udp stopped', '30 s: tcp stopped', '31.5 s: done']);
  expect(longestDrainMs(times)).toBeGreaterThanOrEqual(31_500);
});
