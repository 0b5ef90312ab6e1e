import type { Binding, BindingChange, BindingUpdate, Registration } from './binding-record.ts';
import { matchesBinding } from './match-binding.ts';

/** What the bindings become; `unchanged` for a request that had already been applied. */
export type BindingPlan =
  | { kind: 'planned'; bindings: Binding[]; changes: BindingChange[] }
  | { kind: 'unchanged' }
  | { kind: 'out-of-order' }
  | { kind: 'too-many-bindings' };

/** One place in the binding list: what it held before this request, and what it holds now. */
interface Slot {
  readonly stored: Binding | undefined;
  bound: Binding | undefined;
}

type Order = 'newer' | 'repeated' | 'out-of-order';

/**
 * RFC 3261 §10.3 step 6, "Contact: *": every binding goes, unless one of them was registered with this Call-ID and a
 * CSeq that is not lower: then none does.
 */
export function planRemovalOfAll(live: Binding[], registration: Registration): BindingPlan {
  if (live.some((binding) => compareOrder(registration, binding) !== 'newer'))
    return { kind: 'out-of-order' };
  return {
    kind: 'planned',
    bindings: [],
    changes: live.map((binding) => ({ change: 'removed', binding })),
  };
}

/** RFC 3261 §10.3 step 7: all updates, in order, or none. */
export function planUpdates(live: Binding[], registration: Registration, nowMs: number): BindingPlan {
  const slots: Slot[] = live.map((binding) => ({ stored: binding, bound: binding }));
  let repeated = false;
  for (const update of registration.updates) {
    const matching = slots.filter((slot) => slotMatches(update, slot));
    for (const slot of matching) {
      if (slot.stored === undefined) continue;
      const order = compareOrder(registration, slot.stored);
      if (order === 'out-of-order') return { kind: 'out-of-order' };
      if (order === 'repeated') repeated = true;
    }
    place(update.expiresSec > 0 ? bind(update, registration, nowMs) : undefined, matching, slots);
  }
  // The transaction layer of another replica, or a late copy: what the request did is in the record already.
  if (repeated) return { kind: 'unchanged' };
  return settle(slots, registration.maxBindings);
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

function slotMatches(update: BindingUpdate, slot: Slot): boolean {
  const binding = slot.bound ?? slot.stored;
  return binding !== undefined && matchesBinding(update, binding);
}

/** Order counts within one Call-ID only; the same CSeq with the same branch is the same request again. */
function compareOrder(registration: Registration, binding: Binding): Order {
  if (registration.callId !== binding.callId || registration.cseq > binding.cseq) return 'newer';
  const same = registration.cseq === binding.cseq && registration.branch === binding.branch;
  return same && registration.branch !== '' ? 'repeated' : 'out-of-order';
}

function bind(update: BindingUpdate, registration: Registration, nowMs: number): Binding {
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
  };
}

/** The limit stops new bindings; an AOR that is over it already (it was lowered) can still refresh and remove. */
function settle(slots: Slot[], maxBindings: number): BindingPlan {
  const bindings: Binding[] = [];
  const changes: BindingChange[] = [];
  let created = false;
  for (const { stored, bound } of slots) {
    if (bound !== undefined) bindings.push(bound);
    if (bound === stored) continue;
    if (bound !== undefined) {
      changes.push({ change: stored === undefined ? 'created' : 'refreshed', binding: bound });
      created ||= stored === undefined;
    } else if (stored !== undefined) {
      changes.push({ change: 'removed', binding: stored });
    }
  }
  if (created && bindings.length > maxBindings) return { kind: 'too-many-bindings' };
  return { kind: 'planned', bindings, changes };
}
