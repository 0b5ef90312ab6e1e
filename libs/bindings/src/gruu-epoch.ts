import type { Binding, BindingUpdate, Registration } from './binding-record.ts';
import { isFlow, sameInstance } from './match-binding.ts';

/** Since when, and since which REGISTER, the temporary GRUUs of an instance are good. */
export type GruuEpoch = Pick<Binding, 'gruuEpochMs' | 'gruuFirstCseq'>;

const none: GruuEpoch = {};

/**
 * The epoch of an instance's temporary GRUUs once an update binds it: they are good while the instance is bound and its
 * Call-ID stays (RFC 5627 §5.1, §5.3). A temporary GRUU names the epoch it was made in, so a new epoch voids all earlier
 * ones, and nothing is kept for each.
 *
 * @param live the bindings before the update
 * @returns without members where the instance has no temporary GRUUs
 */
export function findGruuEpoch(
  update: BindingUpdate,
  live: readonly Binding[],
  registration: Registration,
  nowMs: number,
): GruuEpoch {
  const ofInstance = live.filter((binding) => sameInstance(update.instanceId, binding.instanceId));
  const before = newest(
    isFlow(update) ? ofInstance.filter((binding) => binding.regId === update.regId) : ofInstance,
  );
  const latest = latestEpoch(ofInstance);
  const keeps = before === undefined || before.callId === registration.callId;
  if (keeps && latest !== none) return latest;
  if (!registration.gruu) return none;
  return {
    gruuEpochMs: Math.max(nowMs, (latest.gruuEpochMs ?? 0) + 1),
    gruuFirstCseq: registration.cseq,
  };
}

function newest(bindings: readonly Binding[]): Binding | undefined {
  let found: Binding | undefined;
  for (const binding of bindings) {
    if (found === undefined || binding.registeredAtMs >= found.registeredAtMs) found = binding;
  }
  return found;
}

function latestEpoch(bindings: readonly Binding[]): GruuEpoch {
  let latest = none;
  for (const { gruuEpochMs, gruuFirstCseq } of bindings) {
    if (gruuEpochMs !== undefined && gruuEpochMs > (latest.gruuEpochMs ?? -1))
      latest = { gruuEpochMs, gruuFirstCseq };
  }
  return latest;
}
