import { formatHostPort } from '@rollcall/transport';
import type { AddressOfRecord } from './address-argument.ts';
import type { SipCaller } from './sip-caller.ts';

/** The contact of a phone at this end; the transport is said where it is not UDP (RFC 3261 §19.1.1). */
export function ownContact(aor: AddressOfRecord, caller: SipCaller): string {
  const transport = caller.transport === 'udp' ? '' : `;transport=${caller.transport}`;
  return `sip:${aor.user}@${formatHostPort(caller.local)}${transport}`;
}
