import { isBulkContact, readPushTarget, sameUri } from '@rollcall/sip';
import type { Binding, BindingUpdate } from './binding-record.ts';

/**
 * Tells whether an update is about this binding. A flow (RFC 5626 §6) is known by instance-id and reg-id whatever its
 * URI; a plain contact by its URI (RFC 3261 §10.3 step 7). Neither is ever the other, so that removing a plain contact
 * leaves a flow with the same URI alone.
 *
 * @param push true where a device that can be woken up (RFC 8599) is known by what wakes it, too
 */
export function matchesBinding(update: BindingUpdate, binding: Binding, push: boolean): boolean {
  if (isFlow(update) !== isFlow(binding)) return false;
  if (isFlow(update))
    return update.regId === binding.regId && sameInstance(update.instanceId, binding.instanceId);
  if (sameUri(update.uri, binding.uri)) return isBulkContact(update.uri) === isBulkContact(binding.uri);
  // A removal means the contact it names: a device that has moved on removes its old address, not itself.
  return push && update.expiresSec > 0 && isSamePushedDevice(update, binding);
}

/** True where reg-id counts: the contact is a flow of its instance. */
export function isFlow(contact: BindingUpdate | Binding): boolean {
  return contact.regId > 0 && contact.instanceId !== '';
}

/** URNs differ by case only in their name part (RFC 8141 §3.1), and UUIDs not even there (RFC 4122 §3). */
export function sameInstance(a: string, b: string): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  const lowerA = a.toLowerCase();
  return lowerA.startsWith('urn:uuid:') && lowerA === b.toLowerCase();
}

/**
 * A device that comes back from another address has the same identifier at its push service; one whose identifier the
 * service has changed has the same instance-id. Either way its old binding would wake up nobody, or the same one twice.
 */
function isSamePushedDevice(update: BindingUpdate, binding: Binding): boolean {
  const wanted = readPushTarget(update.uri);
  if (wanted === undefined || wanted.prid === '') return false;
  const stored = readPushTarget(binding.uri);
  if (stored === undefined || stored.prid === '') return false;
  if (update.instanceId !== '' && sameInstance(update.instanceId, binding.instanceId)) return true;
  return (
    wanted.prid === stored.prid &&
    wanted.param === stored.param &&
    isSameWord(wanted.provider, stored.provider)
  );
}

function isSameWord(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}
