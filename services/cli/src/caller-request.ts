import { randomBytes } from 'node:crypto';
import type { HeaderRow } from '@rollcall/sip';
import type { AddressOfRecord } from './address-argument.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import { transportParam } from './own-contact.ts';
import type { SipCaller } from './sip-caller.ts';

/** A request of a caller to an AOR, outside any dialog (RFC 3261 §8.1.1). */
export function callerRequest(
  method: 'INVITE' | 'OPTIONS',
  caller: SipCaller,
  aor: AddressOfRecord,
  from?: AddressOfRecord,
): OutgoingRequest {
  const here = caller.sentBy;
  // RFC 3261 §8.1.1.8: an INVITE has a Contact; §11.1: OPTIONS may have one.
  const contact: HeaderRow = ['Contact', `<sip:rollcall@${here}${transportParam(caller)}>`];
  return {
    method,
    requestUri: aor.aor,
    from: `<${from?.aor ?? `sip:rollcall@${here}`}>;tag=${randomBytes(6).toString('hex')}`,
    to: `<${aor.aor}>`,
    callId: randomBytes(12).toString('hex'),
    cseq: 1,
    headers: method === 'INVITE' ? [contact] : [contact, ['Accept', 'application/sdp']],
  };
}
