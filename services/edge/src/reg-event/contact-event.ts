import { ContactEvent } from '@rollcall/rpc';

/** The words of RFC 3680 §4.7.1 for what happens to a contact. */
export type ContactEventName =
  | 'registered'
  | 'created'
  | 'refreshed'
  | 'shortened'
  | 'expired'
  | 'deactivated'
  | 'probation'
  | 'unregistered'
  | 'rejected';

const names: Readonly<Record<ContactEvent, ContactEventName | undefined>> = {
  [ContactEvent.UNSPECIFIED]: undefined,
  [ContactEvent.REGISTERED]: 'registered',
  [ContactEvent.CREATED]: 'created',
  [ContactEvent.REFRESHED]: 'refreshed',
  [ContactEvent.SHORTENED]: 'shortened',
  [ContactEvent.EXPIRED]: 'expired',
  [ContactEvent.DEACTIVATED]: 'deactivated',
  [ContactEvent.PROBATION]: 'probation',
  [ContactEvent.UNREGISTERED]: 'unregistered',
  [ContactEvent.REJECTED]: 'rejected',
};

const active: ReadonlySet<ContactEventName> = new Set(['registered', 'created', 'refreshed', 'shortened']);

/** The event's word; undefined for one that a newer registrar knows. */
export function nameOfEvent(event: ContactEvent): ContactEventName | undefined {
  return names[event];
}

/** Whether a contact is bound after the event. */
export function isActive(event: ContactEventName): boolean {
  return active.has(event);
}
