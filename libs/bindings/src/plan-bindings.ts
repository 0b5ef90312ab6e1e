import { isBulkContact } from '@rollcall/sip';
import type { Binding, BindingChange, BindingUpdate, Registration } from './binding-record.ts';
import { findGruuEpoch, type GruuEpoch } from './gruu-epoch.ts';
import { matchesBinding, sameInstance } from './match-binding.ts';

/** What the bindings become; `unchanged` for a request that had already been applied. */
export type BindingPlan =
  | { kind: 'planned'; bindings: Binding[]; changes: BindingChange[] }
  | { kind: 'unchanged' }
  | { kind: 'out-of-order' }
  | { kind: 'too-many-bindings' };

/** One place in the binding list: what it held before this request, and what it holds now. */
interface Slot {
  stored: Binding | undefined;
  bound: Binding | undefined;
}

type Order = 'newer' | 'repeated' | 'out-of-order';

/**
 * RFC 3261 §10.3 step 6, "Contact: *": every binding goes, unless one of them was registered with this Call-ID and a
 * CSeq that is not lower: then none does.
 */
export function planRemovalOfAll(live: Binding[], registration: Registration): BindingPlan {
  const meant = namesCount(live) ? live.filter((binding) => binding.number === registration.number) : live;
  if (meant.some((binding) => compareOrder(registration, binding) !== 'newer'))
    return { kind: 'out-of-order' };
  return {
    kind: 'planned',
    bindings: live.filter((binding) => !meant.includes(binding)),
    changes: meant.map((binding) => ({ change: 'removed', binding })),
  };
}

/** RFC 3261 §10.3 step 7: all updates, in order, or none. */
export function planUpdates(live: Binding[], registration: Registration, nowMs: number): BindingPlan {
  const slots: Slot[] = live.map((binding) => ({ stored: binding, bound: binding }));
  const byName = namesCount(live) || registration.updates.some(({ uri }) => isBulkContact(uri));
  let repeated = false;
  for (const update of registration.updates) {
    const matching = slots.filter((slot) => slotMatches(update, slot, registration, byName));
    for (const slot of matching) {
      if (slot.stored === undefined) continue;
      const order = compareOrder(registration, slot.stored);
      if (order === 'out-of-order') return { kind: 'out-of-order' };
      if (order === 'repeated') repeated = true;
    }
    if (update.expiresSec === 0) place(undefined, matching, slots);
    else place(bind(update, live, slots, registration, nowMs), matching, slots);
  }
  // The transaction layer of another replica, or a late copy: what the request did is in the record already.
  if (repeated) return { kind: 'unchanged' };
  return settle(slots, registration);
}

/**
 * True for the record of a trunk with a bulk registration (RFC 6140 §5.2): each of its numbers is then an AOR with
 * explicit registrations of its own, which a request that names another one leaves alone. Otherwise a number is just
 * another name of its subscriber.
 */
function namesCount(live: readonly Binding[]): boolean {
  return live.some(({ uri }) => isBulkContact(uri));
}

/**
 * URI equality is not transitive (RFC 3261 §19.1.4: ";security=on" and ";security=off" both equal the plain URI), so an
 * update may match several bindings. The first takes it and the others go: no two bindings of a record ever match.
 */
function place(bound: Binding | undefined, matching: Slot[], slots: Slot[]): void {
  for (const slot of matching) {
    slot.bound = undefined;
  }
  if (bound === undefined) return;
  const first = matching[0];
  if (first === undefined) slots.push({ stored: undefined, bound });
  else first.bound = bound;
}

function slotMatches(
  update: BindingUpdate,
  slot: Slot,
  registration: Registration,
  byName: boolean,
): boolean {
  const binding = slot.bound ?? slot.stored;
  if (binding === undefined || (byName && binding.number !== registration.number)) return false;
  return matchesBinding(update, binding, registration.push);
}

/** Order counts within one Call-ID only; the same CSeq with the same branch is the same request again. */
function compareOrder(registration: Registration, binding: Binding): Order {
  if (registration.callId !== binding.callId || registration.cseq > binding.cseq) return 'newer';
  const same = registration.cseq === binding.cseq && registration.branch === binding.branch;
  return same && registration.branch !== '' ? 'repeated' : 'out-of-order';
}

function bind(
  update: BindingUpdate,
  live: readonly Binding[],
  slots: readonly Slot[],
  registration: Registration,
  nowMs: number,
): Binding {
  let epoch: GruuEpoch | undefined;
  if (update.instanceId !== '') {
    epoch = findGruuEpoch(update, live, registration, nowMs);
    setEpoch(update.instanceId, epoch, slots);
  }
  return {
    uri: update.uri,
    params: update.params,
    expiresAtMs: nowMs + update.expiresSec * 1000,
    qMilli: update.qMilli,
    instanceId: update.instanceId,
    regId: update.regId,
    path: registration.path,
    flow: registration.flow,
    registeredAtMs: nowMs,
    callId: registration.callId,
    cseq: registration.cseq,
    branch: registration.branch,
    userAgent: registration.userAgent,
    gruuEpochMs: epoch?.gruuEpochMs,
    gruuFirstCseq: epoch?.gruuFirstCseq,
    number: registration.number,
  };
}

/** All bindings of an instance share its epoch. That of another flow is no change that anybody is told of. */
function setEpoch(instanceId: string, epoch: GruuEpoch, slots: readonly Slot[]): void {
  for (const slot of slots) {
    const { stored, bound } = slot;
    if (bound === undefined || bound.gruuEpochMs === epoch.gruuEpochMs) continue;
    if (!sameInstance(instanceId, bound.instanceId)) continue;
    slot.bound = {
      ...bound,
      gruuEpochMs: epoch.gruuEpochMs,
      gruuFirstCseq: epoch.gruuFirstCseq,
    };
    if (stored === bound) slot.stored = slot.bound;
  }
}

/** The limit stops new bindings; an AOR that is over it already (it was lowered) can still refresh and remove. */
function settle(slots: Slot[], { maxBindings, replaceOldest }: Registration): BindingPlan {
  let excess = -maxBindings;
  let created = false;
  for (const { stored, bound } of slots) {
    if (bound === undefined) continue;
    excess += 1;
    created ||= stored === undefined;
  }
  if (created && excess > 0) {
    if (!replaceOldest || !dropOldest(slots, excess)) return { kind: 'too-many-bindings' };
  }
  const bindings: Binding[] = [];
  const changes: BindingChange[] = [];
  for (const { stored, bound } of slots) {
    if (bound !== undefined) bindings.push(bound);
    if (bound === stored) continue;
    if (bound !== undefined) {
      changes.push({ change: stored === undefined ? 'created' : 'refreshed', binding: bound });
    } else if (stored !== undefined) {
      changes.push({ change: 'removed', binding: stored });
    }
  }
  return { kind: 'planned', bindings, changes };
}

/** Takes out so many bindings, those registered longest ago; false where the request alone has too many. */
function dropOldest(slots: readonly Slot[], count: number): boolean {
  const untouched = slots.filter(({ stored, bound }) => bound !== undefined && bound === stored);
  if (untouched.length < count) return false;
  untouched.sort((a, b) => (a.stored?.registeredAtMs ?? 0) - (b.stored?.registeredAtMs ?? 0));
  for (const slot of untouched.slice(0, count)) slot.bound = undefined;
  return true;
}
