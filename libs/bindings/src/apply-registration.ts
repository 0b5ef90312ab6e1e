import type { Binding, BindingRecord, RecordChange, Registration } from './binding-record.ts';
import { currentBindings, expiredChanges, makeRecord } from './expiry.ts';
import { judgeNonce, liveNonces, markRejected, type NonceVerdict, raiseNonce } from './nonce-window.ts';
import { planRemovalOfAll, planUpdates } from './plan-bindings.ts';

/** What came of a registration. Only `applied` changed a binding; a refusal still uses up its nonce count. */
export interface RegistrationResult extends RecordChange {
  outcome: 'applied' | 'out-of-order' | 'too-many-bindings' | 'nonce-replayed';
  /** All current bindings of the AOR, after the outcome. */
  bindings: Binding[];
}

/**
 * Applies one registration to an AOR's record: all of it or nothing (RFC 3261 §10.3 steps 6 and 7). Pure: the same
 * arguments give the same result, and nothing given is changed. `nowMs` is milliseconds since 1970.
 */
export function applyRegistration(
  record: BindingRecord | undefined,
  registration: Registration,
  nowMs: number,
): RegistrationResult {
  const live = currentBindings(record, nowMs);
  const verdict = judge(record, registration, nowMs);
  if (verdict === 'replayed') return untouched('nonce-replayed', record, live);
  if (verdict === 'answered') return untouched('applied', record, live);

  const plan = registration.removeAll
    ? planRemovalOfAll(live, registration)
    : planUpdates(live, registration, nowMs);
  switch (plan.kind) {
    case 'out-of-order':
    case 'too-many-bindings':
      return refuse(plan.kind, record, live, registration, verdict, nowMs);
    case 'unchanged':
      return write(record, live, [], registration, nowMs);
    case 'planned':
      return write(record, plan.bindings, plan.changes, registration, nowMs);
  }
}

function judge(
  record: BindingRecord | undefined,
  registration: Registration,
  nowMs: number,
): NonceVerdict | undefined {
  const { nonce, requestKey } = registration;
  return nonce === undefined ? undefined : judgeNonce(record, nonce, requestKey, nowMs);
}

function write(
  record: BindingRecord | undefined,
  bindings: Binding[],
  changes: RecordChange['changes'],
  registration: Registration,
  nowMs: number,
): RegistrationResult {
  const { nonce, requestKey } = registration;
  if (nonce === undefined && changes.length === 0) return untouched('applied', record, bindings);
  const { nonces, nonceFloorMs } =
    nonce === undefined
      ? { nonces: liveNonces(record, nowMs), nonceFloorMs: record?.nonceFloorMs ?? 0 }
      : raiseNonce(record, nonce, requestKey, nowMs);
  return {
    outcome: 'applied',
    bindings,
    record: makeRecord(bindings, nonces, nonceFloorMs),
    // A binding that this write drops because it has expired must be announced here: the sweep will not see it.
    changes: [...expiredChanges(record, nowMs), ...changes],
    changed: true,
  };
}

/** Leaves the bindings as they are, and the count used: refused credentials must not serve a second time. */
function refuse(
  outcome: 'out-of-order' | 'too-many-bindings',
  record: BindingRecord | undefined,
  live: Binding[],
  registration: Registration,
  verdict: NonceVerdict | undefined,
  nowMs: number,
): RegistrationResult {
  const { nonce, requestKey } = registration;
  if (nonce === undefined || verdict === 'rejected') return untouched(outcome, record, live);
  const { nonces, nonceFloorMs } = raiseNonce(record, nonce, markRejected(requestKey), nowMs);
  return {
    outcome,
    bindings: live,
    record: makeRecord(record?.bindings ?? [], nonces, nonceFloorMs),
    changes: [],
    changed: true,
  };
}

function untouched(
  outcome: RegistrationResult['outcome'],
  record: BindingRecord | undefined,
  bindings: Binding[],
): RegistrationResult {
  return { outcome, bindings, record, changes: [], changed: false };
}
