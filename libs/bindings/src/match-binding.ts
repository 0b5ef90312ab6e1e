import { sameUri } from '@rollcall/sip';
import type { Binding, BindingUpdate } from './binding-record.ts';

/**
 * Tells whether an update is about this binding. A flow (RFC 5626 §6) is known by instance-id and reg-id whatever its
 * URI; a plain contact by its URI (RFC 3261 §10.3 step 7). Neither is ever the other, so that removing a plain contact
 * leaves a flow with the same URI alone.
 */
export function matchesBinding(update: BindingUpdate, binding: Binding): boolean {
  if (isFlow(update) !== isFlow(binding)) return false;
  if (isFlow(update))
    return update.regId === binding.regId && sameInstance(update.instanceId, binding.instanceId);
  return sameUri(update.uri, binding.uri);
}

function isFlow(contact: BindingUpdate | Binding): boolean {
  return contact.regId > 0 && contact.instanceId !== '';
}

/** URNs differ by case only in their name part (RFC 8141 §3.1), and UUIDs not even there (RFC 4122 §3). */
function sameInstance(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const lowerA = a.toLowerCase();
  return lowerA.startsWith('urn:uuid:') && lowerA === b.toLowerCase();
}
