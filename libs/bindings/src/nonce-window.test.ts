import { describe, expect, it } from 'vitest';
import { nonceUse, nowMs, register, update } from '../test/make-registration.ts';
import {
  applyRegistration,
  type BindingRecord,
  expireBindings,
  keepUntilMs,
  type NonceUse,
  type Registration,
} from './index.ts';
import { maxLiveNonces } from './nonce-window.ts';

const contact = update('sip:a@h');

function use(
  record: BindingRecord | undefined,
  nonce: NonceUse,
  cseq: number,
  more: Partial<Registration> = {},
) {
  return applyRegistration(record, register([contact], { cseq, nonce, ...more }), nowMs);
}

describe('replay state', () => {
  it('A9: a count that was used before is refused and changes nothing', () => {
    const { record } = use(undefined, nonceUse('n', 3), 1);
    for (const nc of [3, 2, 1]) {
      const result = use(record, nonceUse('n', nc), 2);
      expect(result).toMatchObject({ outcome: 'nonce-replayed', changed: false, changes: [] });
      expect(result.record).toBe(record);
    }
  });

  it('A11: counts may have gaps', () => {
    const { record } = use(undefined, nonceUse('n', 1), 1);
    expect(use(record, nonceUse('n', 5), 2).outcome).toBe('applied');
  });

  it('T5: a retransmission is no replay, and is applied once', () => {
    const first = use(undefined, nonceUse('n', 1), 1);
    const again = use(first.record, nonceUse('n', 1), 1);
    expect(again).toMatchObject({ outcome: 'applied', changed: false, changes: [] });
    expect(again.bindings).toEqual(first.bindings);
  });

  it('a retransmission does not bring back what was removed since', () => {
    const first = use(undefined, nonceUse('n', 1), 1);
    const removal = register([{ ...contact, expiresSec: 0 }], { callId: 'b' });
    const removed = applyRegistration(first.record, removal, nowMs);
    expect(removed.record).toMatchObject({ bindings: [], nonces: [{ nonce: 'n', nc: 1 }] });
    expect(use(removed.record, nonceUse('n', 1), 1)).toMatchObject({
      outcome: 'applied',
      bindings: [],
      changed: false,
    });
  });

  it('captured credentials cannot bind another contact, even with the same Call-ID, CSeq and branch', () => {
    const { record } = use(undefined, nonceUse('n', 1), 1);
    const forged = register([update('sip:mallory@evil.example')], { nonce: nonceUse('n', 1) });
    expect(applyRegistration(record, forged, nowMs).outcome).toBe('nonce-replayed');
  });

  it('a refused registration uses its count up, and its retransmission is refused alike', () => {
    const { record } = use(undefined, nonceUse('n', 1), 5);
    const refused = use(record, nonceUse('n', 2), 4);
    expect(refused).toMatchObject({ outcome: 'out-of-order', changed: true, changes: [] });
    expect(refused.record?.bindings).toEqual(record?.bindings);
    expect(use(refused.record, nonceUse('n', 2), 4)).toMatchObject({
      outcome: 'out-of-order',
      changed: false,
    });
    expect(use(refused.record, nonceUse('n', 2), 6).outcome).toBe('nonce-replayed');
  });

  it('a fetch counts too', () => {
    const fetch = register([], { nonce: nonceUse('n', 1) });
    const { record, bindings } = applyRegistration(undefined, fetch, nowMs);
    expect(bindings).toEqual([]);
    expect(record?.nonces).toMatchObject([{ nonce: 'n', nc: 1 }]);
  });

  it('a nonce that has expired meanwhile is refused: its state may be gone', () => {
    expect(use(undefined, nonceUse('n', 1, { expiresAtMs: nowMs }), 1).outcome).toBe('nonce-replayed');
  });

  it('the record outlives its last binding as long as a nonce lives, and no longer', () => {
    const { record } = use(undefined, nonceUse('n', 1), 1, {
      updates: [update('sip:a@h', { expiresSec: 60 })],
    });
    const expired = expireBindings(record, nowMs + 60_000);
    expect(expired.record).toMatchObject({ bindings: [], nonces: [{ nonce: 'n' }] });
    expect(expired.record === undefined ? 0 : keepUntilMs(expired.record)).toBe(nowMs + 300_000);
    expect(expireBindings(record, nowMs + 300_000).record).toBeUndefined();
  });
});

describe('more nonces than a record holds', () => {
  /** Nonces n0, n1, …, issued a second apart. */
  const nth = (index: number, more: Partial<NonceUse> = {}) =>
    nonceUse(`n${index}`, 1, { issuedAtMs: nowMs - 250_000 + index * 1000, ...more });

  function fill(count: number, more: (index: number) => Partial<NonceUse> = () => ({})) {
    let record: BindingRecord | undefined;
    for (let index = 0; index < count; index += 1) {
      record = use(record, nth(index, more(index)), index + 1).record;
    }
    return record;
  }

  it('drops the oldest-issued, and refuses it and whatever is older from then on', () => {
    const record = fill(maxLiveNonces + 1);
    expect(record?.nonces).toHaveLength(maxLiveNonces);
    expect(record?.nonces[0]?.nonce).toBe('n1');
    expect(record?.nonceFloorMs).toBe(nth(0).issuedAtMs);
    expect(use(record, nth(0), 1000).outcome).toBe('nonce-replayed');
    expect(use(record, nth(0, { nc: 2 }), 1000).outcome).toBe('nonce-replayed');
    expect(use(record, nonceUse('older', 1, { issuedAtMs: nowMs - 260_000 }), 1000).outcome).toBe(
      'nonce-replayed',
    );
    expect(use(record, nth(1, { nc: 2 }), 1000).outcome).toBe('applied');
  });

  it('keeps the floor as long as the dropped nonce could still be used', () => {
    const record = fill(maxLiveNonces + 1, (index) => ({
      expiresAtMs: nowMs + (index === 0 ? 900_000 : 60_000),
    }));
    const laterMs = nowMs + 100_000;
    // Even where nothing else keeps the record.
    const removal = register([], { callId: 'b', removeAll: true });
    const later = applyRegistration(record, removal, laterMs).record;
    expect(later?.bindings).toEqual([]);
    const replay = register([contact], { cseq: 1001, nonce: nth(0, { expiresAtMs: nowMs + 900_000 }) });
    expect(applyRegistration(later, replay, laterMs).outcome).toBe('nonce-replayed');
  });

  it('makes room by dropping expired nonces first', () => {
    const record = fill(maxLiveNonces, (index) => ({ expiresAtMs: nowMs + (index < 4 ? 1000 : 300_000) }));
    const next = register([contact], { cseq: 1000, nonce: nth(1000) });
    const later = applyRegistration(record, next, nowMs + 2000).record;
    expect(later?.nonces).toHaveLength(maxLiveNonces - 4 + 1);
    expect(later?.nonces[0]?.nonce).toBe('n4');
    expect(later?.nonceFloorMs).toBe(0);
  });
});
