import type { Binding, BindingRecord, RecordChange } from './binding-record.ts';
import { currentBindings, expiredChanges, makeRecord } from './expiry.ts';
import { liveNonces } from './nonce-window.ts';

/** What is left after a removal that no REGISTER asked for. */
export interface RemovalResult extends RecordChange {
  /** All current bindings, after the removal. */
  bindings: Binding[];
}

/**
 * Takes current bindings out of the record, as an operator asks for, or because nothing leads to them any more. Replay
 * state stays: captured credentials must not bring a binding back.
 *
 * @param change what watchers are told
 */
export function removeBindings(
  record: BindingRecord | undefined,
  isRemoved: (binding: Binding) => boolean,
  nowMs: number,
  change: 'deactivated' | 'flow-failed' = 'deactivated',
): RemovalResult {
  const live = currentBindings(record, nowMs);
  const removed = live.filter(isRemoved);
  if (record === undefined || removed.length === 0) {
    return { changed: false, record, changes: [], bindings: live };
  }
  const bindings = live.filter((binding) => !removed.includes(binding));
  return {
    changed: true,
    bindings,
    record: makeRecord(bindings, liveNonces(record, nowMs), record.nonceFloorMs),
    changes: [...expiredChanges(record, nowMs), ...removed.map((binding) => ({ change, binding }))],
  };
}
