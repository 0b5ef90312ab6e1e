import type { Binding, BindingUpdate, Registration } from './binding-record.ts';
import { isFlow, sameInstance } from './match-binding.ts';

/**
 * The epoch of an instance's temporary GRUUs once an update binds it: they are good while the instance is bound and its
 * Call-ID stays (RFC 5627 §5.1, §5.3). A temporary GRUU names the epoch it was made in, so a new epoch voids all earlier
 * ones, and nothing is kept for each.
 *
 * @param live the bindings before the update
 * @returns milliseconds since 1970; undefined where the instance has no temporary GRUUs
 */
export function findGruuEpoch(
  update: BindingUpdate,
  live: readonly Binding[],
  registration: Registration,
  nowMs: number,
): number | undefined {
  const ofInstance = live.filter((binding) => sameInstance(update.instanceId, binding.instanceId));
  const before = newest(
    isFlow(update) ? ofInstance.filter((binding) => binding.regId === update.regId) : ofInstance,
  );
  const epochMs = latestEpoch(ofInstance);
  const keeps = before === undefined || before.callId === registration.callId;
  if (keeps && epochMs !== undefined) return epochMs;
  if (!registration.gruu) return undefined;
  return epochMs === undefined ? nowMs : Math.max(nowMs, epochMs + 1);
}

function newest(bindings: readonly Binding[]): Binding | undefined {
  let found: Binding | undefined;
  for (const binding of bindings) {
    if (found === undefined || binding.registeredAtMs >= found.registeredAtMs) found = binding;
  }
  return found;
}

function latestEpoch(bindings: readonly Binding[]): number | undefined {
  let latest: number | undefined;
  for (const { gruuEpochMs } of bindings) {
    if (gruuEpochMs !== undefined && (latest === undefined || gruuEpochMs > latest)) latest = gruuEpochMs;
  }
  return latest;
}
