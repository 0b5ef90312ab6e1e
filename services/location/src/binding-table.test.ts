import { createLogger, Metrics } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import { register, update } from '../../../libs/bindings/test/make-registration.ts';
import { BindingTable } from './binding-table.ts';
import { type BindingEvent, ChangeFeed } from './change-feed.ts';
import { addLocationMetrics } from './metrics.ts';
import type { VersionedRecord } from './store/binding-store.ts';
import { MemoryBindingStore } from './store/memory-binding-store.ts';

const farAway = Number.MAX_SAFE_INTEGER;
const aor = 'sip:alice@example.com';

/** A store where another process writes just before each of the first `conflicts` writes of this one. */
class ContendedStore extends MemoryBindingStore {
  conflicts = 0;
  writes = 0;
  reads = 0;

  override async compareAndSet(...args: Parameters<MemoryBindingStore['compareAndSet']>) {
    this.writes += 1;
    if (this.conflicts > 0) {
      this.conflicts -= 1;
      const current = this.recall(aor);
      const touched = { bindings: current.record?.bindings ?? [], nonces: [], nonceFloorMs: this.writes };
      await super.compareAndSet(aor, current.revision, { record: touched, changes: [] });
    }
    return super.compareAndSet(...args);
  }

  override get(asked: string): Promise<VersionedRecord> {
    this.reads += 1;
    return super.get(asked);
  }
}

function open() {
  const metrics = addLocationMetrics(new Metrics());
  const clock = new ManualClock();
  const store = new ContendedStore({ maxAors: 10, watchHistory: 16, clock, metrics });
  const feed = new ChangeFeed(createLogger({ service: 'location', level: 'silent', format: 'json' }));
  const events: BindingEvent[] = [];
  feed.subscribe((event) => events.push(event));
  return { table: new BindingTable({ store, clock, feed, metrics }), store, clock, events, metrics };
}

/** Lets time pass whenever the table waits, until it is done. */
async function passTime<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false;
  const end = () => {
    done = true;
  };
  work.then(end, end);
  while (!done) {
    await new Promise(setImmediate);
    clock.advance(50);
  }
  return work;
}

it('writes at once on what it remembers: a refresh costs one command', async () => {
  const { table, store } = open();
  await table.apply(aor, register([update('sip:a@h')]), farAway);
  await table.apply(aor, register([update('sip:a@h')], { cseq: 2 }), farAway);
  expect(store).toMatchObject({ writes: 2, reads: 0 });
});

it('asks the store before it decides to change nothing', async () => {
  const { table, store } = open();
  await table.apply(aor, register([]), farAway);
  expect(store).toMatchObject({ writes: 0, reads: 1 });
});

it('decides anew on what another process wrote', async () => {
  const { table, store, clock, events, metrics } = open();
  store.conflicts = 3;
  const work = table.apply(aor, register([update('sip:a@h')]), farAway);
  const result = await passTime(clock, work);
  expect(result.bindings).toHaveLength(1);
  expect(events.map(({ change }) => change)).toEqual(['created']);
  // The first guess was wrong; only the other two are conflicts.
  expect([metrics.staleGuesses.total, metrics.conflicts.total]).toEqual([1, 2]);
});

it('gives up after 16 attempts, and tells nobody of a change', async () => {
  const { table, store, clock, events } = open();
  store.conflicts = 1000;
  const work = table.apply(aor, register([update('sip:a@h')]), farAway);
  await expect(passTime(clock, work)).rejects.toMatchObject({ code: 10, reason: 'REVISION_CONFLICT' });
  expect(store.writes).toBe(16);
  expect(events).toEqual([]);
});

it('stops when the caller has stopped waiting', async () => {
  const { table, store, clock } = open();
  store.conflicts = 1000;
  const deadlineAtMs = clock.nowMs() + 60;
  const work = table.apply(aor, register([update('sip:a@h')]), deadlineAtMs);
  await expect(passTime(clock, work)).rejects.toMatchObject({ code: 4, reason: 'DEADLINE_EXCEEDED' });
  expect(store.writes).toBeLessThan(16);
  await expect(table.apply(aor, register([]), clock.nowMs())).rejects.toMatchObject({ code: 4 });
});

it('refuses a new AOR where the memory store is full, and serves those it has', async () => {
  const { table } = open();
  const users = Array.from({ length: 10 }, (_, index) => `sip:u${index}@example.com`);
  for (const user of users) await table.apply(user, register([update('sip:a@h')]), farAway);
  const more = table.apply('sip:more@example.com', register([update('sip:a@h')]), farAway);
  await expect(more).rejects.toMatchObject({ code: 8, reason: 'STORE_FULL' });
  const refreshed = await table.apply(users[0] ?? '', register([update('sip:a@h')], { cseq: 2 }), farAway);
  expect(refreshed.outcome).toBe('applied');
});

it('a listener that throws disturbs neither the registration nor the others', async () => {
  const feed = new ChangeFeed(createLogger({ service: 'location', level: 'silent', format: 'json' }));
  const heard: string[] = [];
  feed.subscribe(() => {
    throw new Error('listener');
  });
  const end = feed.subscribe(({ change }) => heard.push(change));
  feed.publish(aor, [{ change: 'expired', binding: undefined }], 1);
  end();
  feed.publish(aor, [{ change: 'expired', binding: undefined }], 2);
  expect(heard).toEqual(['expired']);
});
