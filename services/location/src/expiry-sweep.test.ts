import { createLogger, Metrics } from '@rollcall/runtime';
import { ManualClock } from '@rollcall/testkit';
import { expect, it } from 'vitest';
import { nonceUse, register, update } from '../../../libs/bindings/test/make-registration.ts';
import { composeLocation } from './compose.ts';
import { readLocationConfig } from './config.ts';

const startMs = 1_800_000_000_000;

function open() {
  const clock = new ManualClock(startMs);
  const metrics = new Metrics();
  const location = composeLocation({
    config: readLocationConfig({}),
    clock,
    logger: createLogger({ service: 'location', level: 'silent', format: 'json' }),
    metrics,
  });
  const context = { timeoutMs: 1000, traceparent: '' };
  const apply = (aor: string, ...args: Parameters<typeof register>) =>
    location.calls.apply({ aor, ...register(...args), refused: false }, context);
  /** Lets time pass by ticks of the sweep, each with what it causes. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 250) {
      clock.advance(250);
      await new Promise(setImmediate);
    }
  };
  return { clock, metrics, location, apply, pass, context };
}

it('announces each expiry within 2 s, and none before', async () => {
  const { clock, location, apply, pass } = open();
  const lateMs: number[] = [];
  location.changes.subscribe(({ change, binding, atMs }) => {
    if (change === 'expired') lateMs.push(atMs - (binding?.expiresAtMs ?? 0));
  });
  for (let user = 0; user < 50; user += 1) {
    await apply(`sip:u${user}@h`, [update('sip:a@h', { expiresSec: 60 })]);
    clock.advance(37);
  }
  await pass(58_000);
  expect(lateMs).toEqual([]);
  await pass(6000);
  expect(lateMs).toHaveLength(50);
  expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...lateMs)).toBeLessThan(2000);
  await location.close();
});

it('a refresh moves the expiry; a look-up never shows what has expired', async () => {
  const { clock, location, apply, pass, context } = open();
  const events: string[] = [];
  location.changes.subscribe(({ change }) => events.push(change));
  await apply('sip:u@h', [update('sip:a@h', { expiresSec: 60 })]);
  await pass(50_000);
  await apply('sip:u@h', [update('sip:a@h', { expiresSec: 60 })], { cseq: 2 });
  await pass(59_000);
  expect((await location.calls.lookUp({ aor: 'sip:u@h' }, context)).bindings).toMatchObject([
    { expiresSec: 1 },
  ]);
  // The clock alone moves: no sweep runs before the look-up.
  clock.jump(1000);
  expect((await location.calls.lookUp({ aor: 'sip:u@h' }, context)).bindings).toEqual([]);
  expect(events).toEqual(['created', 'refreshed']);
  await pass(2000);
  expect(events).toEqual(['created', 'refreshed', 'expired']);
  await location.close();
});

it('keeps up with a mass expiry, and forgets replay state without an event', async () => {
  const { location, metrics, apply, pass } = open();
  let expired = 0;
  location.changes.subscribe(({ change }) => {
    if (change === 'expired') expired += 1;
  });
  const nonce = nonceUse('n', 1, { issuedAtMs: startMs, expiresAtMs: startMs + 90_000 });
  for (let user = 0; user < 3000; user += 1) {
    await apply(`sip:u${user}@h`, [update('sip:a@h', { expiresSec: 60 })], { nonce });
  }
  expect((await metrics.render()).body).toContain('rollcall_store_aors 3000');
  await pass(62_000);
  expect(expired).toBe(3000);
  const { body } = await metrics.render();
  expect(body).toContain('rollcall_store_aors 0');
  expect(body).toContain('rollcall_store_bindings 0');
  expect(body).toContain('rollcall_binding_events_total{event="expired"} 3000');
  await pass(32_000);
  expect(expired).toBe(3000);
  await location.close();
});

it('goes on within one tick until nobody is due, however few the store names at a time', async () => {
  const { clock, metrics, location, apply } = open();
  let expired = 0;
  location.changes.subscribe(({ change }) => {
    if (change === 'expired') expired += 1;
  });
  // The store in memory names 4,096 at most.
  const users = 9000;
  for (let user = 0; user < users; user += 1) {
    await apply(`sip:u${user}@h`, [update('sip:a@h', { expiresSec: 60 })]);
  }
  clock.jump(62_000);
  clock.advance(250);
  // Lots of 128 in four ways side by side, each after a turn of the event loop; no tick comes meanwhile.
  for (let turn = 0; turn < 200; turn += 1) await new Promise(setImmediate);
  expect(expired).toBe(users);
  expect((await metrics.render()).body).toContain('rollcall_store_aors 0');
  await location.close();
});
