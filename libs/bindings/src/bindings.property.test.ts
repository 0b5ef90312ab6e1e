import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nonceUse, nowMs, register, update } from '../test/make-registration.ts';
import {
  applyRegistration,
  type BindingRecord,
  type BindingUpdate,
  currentBindings,
  expireBindings,
  type Registration,
} from './index.ts';
import { matchesBinding } from './match-binding.ts';

const updates: fc.Arbitrary<BindingUpdate> = fc
  .record({
    // Few URIs, several of which equal each other, not all transitively.
    uri: fc.constantFrom(
      'sip:a@h',
      'sip:%61@H',
      'sip:a@h;security=on',
      'sip:a@h;security=off',
      'sip:a@h:5060',
      'sip:b@h',
      'sips:a@h',
      'tel:+12',
      'sip:broken',
    ),
    expiresSec: fc.constantFrom(0, 60, 600, 3600),
    regId: fc.constantFrom(0, 0, 1, 2),
    instanceId: fc.constantFrom('', '<urn:uuid:1>', '<urn:uuid:2>'),
  })
  .map(({ uri, ...more }) => update(uri, more));

const registrations: fc.Arbitrary<Registration> = fc
  .record({
    updates: fc.array(updates, { maxLength: 4 }),
    callId: fc.constantFrom('a', 'b', 'c'),
    cseq: fc.integer({ min: 1, max: 6 }),
    branch: fc.constantFrom('x', 'y', ''),
    removeAll: fc.boolean(),
    maxBindings: fc.constantFrom(1, 2, 10),
    nonce: fc.option(fc.tuple(fc.constantFrom('n1', 'n2'), fc.integer({ min: 1, max: 4 })), {
      nil: undefined,
    }),
  })
  .map(({ updates: list, nonce, removeAll, ...more }) =>
    register(removeAll ? [] : list, {
      ...more,
      removeAll,
      nonce: nonce === undefined ? undefined : nonceUse(nonce[0], nonce[1]),
      requestKey: JSON.stringify([list, removeAll, more]),
    }),
  );

/** A history: registrations with the seconds between them. */
const histories = fc.array(fc.tuple(registrations, fc.integer({ min: 0, max: 900 })), { maxLength: 12 });

function play(history: [Registration, number][]): { record: BindingRecord | undefined; atMs: number } {
  let record: BindingRecord | undefined;
  let atMs = nowMs;
  for (const [registration, waitSec] of history) {
    record = applyRegistration(record, registration, atMs).record;
    atMs += waitSec * 1000;
  }
  return { record, atMs };
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

describe('whatever the history', () => {
  it('C15, R10.3-7l: no two bindings of a record match each other', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const bindings = play(history).record?.bindings ?? [];
        for (const [index, binding] of bindings.entries()) {
          for (const other of bindings.slice(index + 1))
            expect(matchesBinding({ ...binding, expiresSec: 1 }, other, false)).toBe(false);
        }
      }),
    );
  });

  it('what was given is never changed in place', () => {
    fc.assert(
      fc.property(histories, registrations, (history, registration) => {
        const { record, atMs } = play(history);
        expect(() => applyRegistration(freeze(record), freeze(registration), atMs)).not.toThrow();
      }),
    );
  });

  it('R10.3-7k: what is not applied changes no binding', () => {
    fc.assert(
      fc.property(histories, registrations, (history, registration) => {
        const { record, atMs } = play(history);
        const result = applyRegistration(record, registration, atMs);
        if (result.outcome === 'applied') return;
        expect(result.changes).toEqual([]);
        expect(result.record?.bindings ?? []).toEqual(record?.bindings ?? []);
      }),
    );
  });

  it('T6: the same request again gives the same outcome and bindings, and no event', () => {
    fc.assert(
      fc.property(histories, registrations, (history, registration) => {
        const { record, atMs } = play(history);
        // Without nonce, branch or binding nothing in the record tells that the request has been here before.
        fc.pre(registration.nonce !== undefined || (registration.branch !== '' && !registration.removeAll));
        const first = applyRegistration(record, registration, atMs);
        const again = applyRegistration(first.record, registration, atMs);
        expect(again.outcome).toBe(first.outcome);
        expect(again.bindings).toEqual(first.bindings);
        expect(again.changes).toEqual([]);
      }),
    );
  });

  it('A9: each nonce count is accepted once', () => {
    fc.assert(
      fc.property(histories, registrations, (history, registration) => {
        fc.pre(registration.nonce !== undefined);
        const { record, atMs } = play(history);
        const first = applyRegistration(record, registration, atMs);
        const other = { ...registration, callId: 'z', requestKey: 'another request' };
        expect(applyRegistration(first.record, other, atMs).outcome).toBe('nonce-replayed');
      }),
    );
  });

  it('the events tell how the bindings came to be what they are', () => {
    fc.assert(
      fc.property(histories, registrations, (history, registration) => {
        const { record, atMs } = play(history);
        const result = applyRegistration(record, registration, atMs);
        const count = (change: string) => result.changes.filter((each) => each.change === change).length;
        const before = result.changed ? (record?.bindings.length ?? 0) : currentBindings(record, atMs).length;
        if (result.outcome === 'applied') {
          expect(result.bindings).toHaveLength(
            before + count('created') - count('removed') - count('expired'),
          );
        }
      }),
    );
  });

  it('R10.3-8c: nothing expired is returned, and sweeping loses nothing that lives', () => {
    fc.assert(
      fc.property(histories, (history) => {
        const { record, atMs } = play(history);
        const live = currentBindings(record, atMs);
        expect(live.every((binding) => binding.expiresAtMs > atMs)).toBe(true);
        expect(expireBindings(record, atMs).record?.bindings ?? []).toEqual(live);
      }),
    );
  });
});
