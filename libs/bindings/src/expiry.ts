import type { Binding, BindingRecord, RecordChange } from './binding-record.ts';
import { liveNonces } from './nonce-window.ts';

/** The bindings that have not expired, in the order in which they were created. */
export function currentBindings(record: BindingRecord | undefined, nowMs: number): Binding[] {
  return record === undefined ? [] : record.bindings.filter((binding) => binding.expiresAtMs > nowMs);
}

/**
 * The remaining lifetime as a response shows it (RFC 3261 §10.3 step 8), in whole seconds: what was just granted shows
 * as granted, also on a clock a few milliseconds behind, and a binding that exists never shows 0.
 */
export function remainingSec(binding: Binding, nowMs: number): number {
  return Math.max(1, Math.round((binding.expiresAtMs - nowMs) / 1000));
}

/** Takes expired bindings, and with them expired nonces, out of the record. */
export function expireBindings(record: BindingRecord | undefined, nowMs: number): RecordChange {
  const bindings = currentBindings(record, nowMs);
  if (record === undefined || bindings.length === record.bindings.length) {
    return { changed: false, record, changes: [] };
  }
  return {
    changed: true,
    record: makeRecord(bindings, liveNonces(record, nowMs), record.nonceFloorMs),
    changes: expiredChanges(record, nowMs),
  };
}

/** An event for each binding of the record that has expired. */
export function expiredChanges(record: BindingRecord | undefined, nowMs: number): RecordChange['changes'] {
  if (record === undefined) return [];
  return record.bindings
    .filter((binding) => binding.expiresAtMs <= nowMs)
    .map((binding) => ({ change: 'expired', binding }));
}

/** When the next binding expires, in milliseconds since 1970; undefined where there is none. */
export function nextExpiryAtMs(record: BindingRecord): number | undefined {
  let next: number | undefined;
  for (const { expiresAtMs } of record.bindings) {
    if (next === undefined || expiresAtMs < next) next = expiresAtMs;
  }
  return next;
}

/** Until when the record means anything: its last binding's or nonce's expiry, in milliseconds since 1970. */
export function keepUntilMs(record: BindingRecord): number {
  let last = 0;
  for (const { expiresAtMs } of record.bindings) last = Math.max(last, expiresAtMs);
  for (const { expiresAtMs } of record.nonces) last = Math.max(last, expiresAtMs);
  return last;
}

/** A record of these parts, or none where there is nothing to keep. */
export function makeRecord(
  bindings: Binding[],
  nonces: BindingRecord['nonces'],
  nonceFloorMs: number,
): BindingRecord | undefined {
  return bindings.length === 0 && nonces.length === 0 ? undefined : { bindings, nonces, nonceFloorMs };
}
