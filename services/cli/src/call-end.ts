import type { HeaderRow, SipResponse } from '@rollcall/sip';
import type { OutgoingRequest } from './outgoing-request.ts';

/** The CANCEL of an INVITE; leaves with the INVITE's branch (RFC 3261 §9.1). */
export function cancelOf(invite: OutgoingRequest): OutgoingRequest {
  return { ...invite, method: 'CANCEL', headers: [] };
}

/** The ACK of an INVITE's 2xx, a request of the dialog that the 2xx has made (RFC 3261 §13.2.2.4). */
export function ackOf(invite: OutgoingRequest, taken: SipResponse): OutgoingRequest {
  return inDialog('ACK', invite.cseq, invite, taken);
}

/** The BYE that ends the call (RFC 3261 §15.1.1). */
export function byeOf(invite: OutgoingRequest, taken: SipResponse): OutgoingRequest {
  return inDialog('BYE', invite.cseq + 1, invite, taken);
}

/** RFC 3261 §12.1.2: the remote target is the 2xx's Contact, the route set its Record-Route turned round. */
function inDialog(
  method: 'ACK' | 'BYE',
  cseq: number,
  invite: OutgoingRequest,
  taken: SipResponse,
): OutgoingRequest {
  const { contacts } = taken;
  const target = contacts.star ? undefined : contacts.contacts[0]?.uri;
  const routes = taken.recordRoute.toReversed();
  return {
    method,
    requestUri: target ?? invite.requestUri,
    from: invite.from,
    to: taken.row('to') ?? invite.to,
    callId: invite.callId,
    cseq,
    headers: routes.map((route): HeaderRow => ['Route', route]),
  };
}
