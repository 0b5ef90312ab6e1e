import { createLogger } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import type { BindingStore, LoggedChange } from '../store/binding-store.ts';
import { comparePositions, type LogPosition, logStart } from '../store/log-position.ts';
import { ChangeTail } from './change-tail.ts';

/** A store that is nothing but one log. */
class OneLog {
  changes: LoggedChange[] = [];
  reads = 0;
  failing = false;
  forgottenUpTo: LogPosition = logStart;

  add(aor: string): LogPosition {
    const position = { ms: this.changes.length + 1, seq: 0 };
    this.changes.push({ position, aor, change: 'created', bindingId: 'b', binding: undefined });
    return position;
  }

  readonly readLog: BindingStore['readLog'] = async (_shard, after, limit) => {
    this.reads += 1;
    if (this.failing) throw new Error('away');
    if (comparePositions(after, this.forgottenUpTo) < 0) return undefined;
    return this.changes.filter(({ position }) => comparePositions(position, after) > 0).slice(0, limit);
  };
}

function open() {
  const log = new OneLog();
  const clock = new ManualClock(1_800_000_000_000);
  const tail = new ChangeTail({
    store: log as unknown as BindingStore,
    clock,
    logger: createLogger({ service: 'location', level: 'silent', format: 'json' }),
  });
  const tick = async () => {
    clock.advance(100);
    for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  };
  const listen = (wanted?: string) => {
    const told: string[] = [];
    const listener = {
      wants: (aor: string) => wanted === undefined || aor === wanted,
      onChanges: (_: number, changes: readonly LoggedChange[]) => told.push(...changes.map(({ aor }) => aor)),
      onGap: () => told.push('gap'),
    };
    return { told, listener };
  };
  return { log, tail, tick, listen };
}

it('tells each listener what follows its own position, once', async () => {
  const { log, tail, tick, listen } = open();
  const first = log.add('a');
  log.add('b');
  const [early, late, picky] = [listen(), listen(), listen('c')];
  tail.follow(0, logStart, early.listener);
  tail.follow(0, first, late.listener);
  tail.follow(0, logStart, picky.listener);
  await tick();
  log.add('c');
  await tick();
  expect(early.told).toEqual(['a', 'b', 'c']);
  expect(late.told).toEqual(['b', 'c']);
  expect(picky.told).toEqual(['c']);
});

it('brings one that joins far behind up to the others, page by page', async () => {
  const { log, tail, tick, listen } = open();
  for (let index = 0; index < 1500; index += 1) log.add(`a${index}`);
  const [now, behind] = [listen(), listen()];
  tail.follow(0, { ms: 1500, seq: 0 }, now.listener);
  await tick();
  tail.follow(0, logStart, behind.listener);
  log.add('last');
  await tick();
  expect(now.told).toEqual(['last']);
  expect(behind.told).toHaveLength(1501);
});

it('ends those whose changes are gone, and goes on for the others', async () => {
  const { log, tail, tick, listen } = open();
  for (let index = 0; index < 5; index += 1) log.add(`a${index}`);
  log.forgottenUpTo = { ms: 3, seq: 0 };
  const [lost, fine] = [listen(), listen()];
  tail.follow(0, { ms: 1, seq: 0 }, lost.listener);
  tail.follow(0, { ms: 4, seq: 0 }, fine.listener);
  await tick();
  log.add('more');
  await tick();
  expect(lost.told).toEqual(['gap']);
  expect(fine.told).toEqual(['a4', 'more']);
});

it('reads nothing while nobody listens, and goes on after an outage', async () => {
  const { log, tail, tick, listen } = open();
  const { told, listener } = listen();
  await tick();
  expect(log.reads).toBe(0);
  const leave = tail.follow(0, logStart, listener);
  log.failing = true;
  log.add('a');
  await tick();
  log.failing = false;
  await tick();
  expect(told).toEqual(['a']);
  leave();
  await tick();
  const { reads } = log;
  await tick();
  expect(log.reads).toBe(reads);
});
