import type { AddressOfRecord } from './address-argument.ts';
import type { SipCaller } from './sip-caller.ts';

/** The contact of a phone at this end. */
export function ownContact(aor: AddressOfRecord, caller: SipCaller): string {
  return `sip:${aor.user}@${caller.sentBy}${transportParam(caller)}`;
}

/** The transport is said where it is not UDP (RFC 3261 §19.1.1); of a WebSocket it is ws, with TLS or without (RFC 7118 §5.2). */
export function transportParam({ transport }: Pick<SipCaller, 'transport'>): string {
  return transport === 'udp' ? '' : `;transport=${transport === 'wss' ? 'ws' : transport}`;
}
