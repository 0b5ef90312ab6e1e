import { EventType, type RegistrationEvent } from '@rollcall/rpc';
import { createLogger, Metrics } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import { register, update } from '../../../../libs/bindings/test/make-registration.ts';
import { BindingTable } from '../binding-table.ts';
import { ChangeFeed } from '../change-feed.ts';
import { addLocationMetrics } from '../metrics.ts';
import { MemoryBindingStore } from '../store/memory-binding-store.ts';
import { createWatchHandler } from './watch-handler.ts';

/** A store where something happens between the reading of a shard's names and that of its records. */
class BusyStore extends MemoryBindingStore {
  meanwhile: (() => Promise<unknown>) | undefined;

  override async readTogether(...args: Parameters<MemoryBindingStore['readTogether']>) {
    const { meanwhile } = this;
    this.meanwhile = undefined;
    await meanwhile?.();
    return super.readTogether(...args);
  }
}

const farAway = Number.MAX_SAFE_INTEGER;
const aor = 'sip:alice@example.com';

function open() {
  const clock = new ManualClock(1_800_000_000_000);
  const registry = new Metrics();
  const metrics = addLocationMetrics(registry);
  const store = new BusyStore({ maxAors: 100, watchHistory: 64, clock, metrics });
  const logger = createLogger({ service: 'location', level: 'silent', format: 'json' });
  const table = new BindingTable({ store, clock, metrics, feed: new ChangeFeed(logger) });
  const handler = createWatchHandler({ store, clock, logger, metrics });
  const events: RegistrationEvent[] = [];
  const completed: boolean[] = [];
  const watch = (taken = Number.POSITIVE_INFINITY) =>
    handler.watchRegistrations(
      { aors: [], domain: 'example.com', resumeToken: '', skipInitialState: false },
      {
        onResponse: (response) => {
          events.push(...response.events);
          completed.push(response.initialStateComplete);
          return completed.length < taken;
        },
        onEnd: () => undefined,
      },
    );
  /** Lets the logs be read once, with all that it causes. */
  const tick = async () => {
    for (let turn = 0; turn < 400; turn += 1) await Promise.resolve();
    await new Promise(setImmediate);
    for (let turn = 0; turn < 400; turn += 1) await Promise.resolve();
    clock.advance(100);
    await new Promise(setImmediate);
    await new Promise(setImmediate);
  };
  const told = () => events.map(({ type, binding }) => [type, binding?.contact]);
  const read = async (series: string) =>
    Number(new RegExp(`^${series} (.*)$`, 'm').exec((await registry.render()).body)?.[1]);
  return { store, table, handler, watch, tick, told, completed, clock, read };
}

it('a change that the state has already is not told again', async () => {
  const { store, table, handler, watch, tick, told, completed } = open();
  await table.apply(aor, register([update('sip:a@h'), update('sip:b@h')]), farAway);
  store.meanwhile = async () => {
    await table.apply(aor, register([update('sip:a@h', { expiresSec: 0 })], { cseq: 2 }), farAway);
    await table.apply(aor, register([update('sip:c@h')], { cseq: 3 }), farAway);
  };
  watch();
  for (let round = 0; round < 5; round += 1) await tick();
  expect(completed).toContain(true);
  expect(told()).toEqual([
    [EventType.SNAPSHOT, 'sip:b@h'],
    [EventType.SNAPSHOT, 'sip:c@h'],
  ]);
  await table.apply(aor, register([update('sip:d@h')], { cseq: 4 }), farAway);
  for (let round = 0; round < 2; round += 1) await tick();
  expect(told().slice(2)).toEqual([[EventType.CREATED, 'sip:d@h']]);
  await handler.close();
});

it('an AOR that comes after the names were read is told as a change', async () => {
  const { store, table, handler, watch, tick, told } = open();
  await table.apply(aor, register([update('sip:a@h')]), farAway);
  store.meanwhile = () =>
    Promise.all(
      Array.from({ length: 64 }, (_, index) =>
        table.apply(`sip:u${index}@example.com`, register([update(`sip:${index}@h`)]), farAway),
      ),
    );
  watch();
  for (let round = 0; round < 5; round += 1) await tick();
  const contacts = told().map(([, contact]) => contact);
  expect(contacts).toHaveLength(65);
  expect(new Set(contacts).size).toBe(65);
  await handler.close();
});

it('a reader that takes one response gets the next when it takes more, and nothing is lost', async () => {
  const { table, handler, watch, tick, told } = open();
  const stream = watch(1);
  for (let round = 0; round < 3; round += 1) await tick();
  for (let cseq = 1; cseq < 4; cseq += 1) {
    await table.apply(aor, register([update(`sip:${cseq}@h`)], { cseq }), farAway);
    await tick();
  }
  expect(told()).toEqual([]);
  stream.resume();
  expect(told()).toEqual([1, 2, 3].map((each) => [EventType.CREATED, `sip:${each}@h`]));
  await handler.close();
});

it('measures how late a reader is told of what happens while it watches, and of nothing else', async () => {
  const { table, handler, watch, tick, told, clock, read } = open();
  await table.apply(aor, register([update('sip:a@h')]), farAway);
  clock.advance(60_000);
  const stream = watch(1);
  for (let round = 0; round < 5; round += 1) await tick();
  await table.apply(aor, register([update('sip:b@h')], { cseq: 2 }), farAway);
  await tick();
  clock.advance(4000);
  expect(await read('rollcall_watch_lag_seconds_count')).toBe(0);
  stream.resume();
  expect(told()).toEqual([
    [EventType.SNAPSHOT, 'sip:a@h'],
    [EventType.CREATED, 'sip:b@h'],
  ]);
  expect(await read('rollcall_watch_events_sent_total')).toBe(2);
  expect(await read('rollcall_watch_lag_seconds_count')).toBe(1);
  expect(await read('rollcall_watch_lag_seconds_sum')).toBeGreaterThan(4);
  expect(await read('rollcall_watch_lag_seconds_sum')).toBeLessThan(5);
  await handler.close();
});
