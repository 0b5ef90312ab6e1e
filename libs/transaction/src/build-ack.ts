import { buildRequest, type HeaderRow, parseMessage, type SipResponse } from '@rollcall/sip';

/**
 * The ACK of a final response other than 2xx (RFC 3261 §17.1.1.3): the INVITE's top Via alone, its Request-URI, From, Call-ID,
 * CSeq number and Routes, and the To of the response. Throws SipParseError where `invite` is no request.
 */
export function buildAck(invite: Buffer, response: SipResponse): Buffer {
  const request = parseMessage(invite, 'datagram');
  if (request.kind !== 'request') throw new TypeError('an ACK is made from an INVITE, not from a response');
  const headers: HeaderRow[] = [
    ['Via', request.values('via')[0] ?? ''],
    ['Max-Forwards', '70'],
    ['From', request.row('from') ?? ''],
    ['To', response.row('to') ?? ''],
    ['Call-ID', request.callId],
    ['CSeq', `${request.cseq.sequence} ACK`],
    ...request.rows('route').map((route): HeaderRow => ['Route', route]),
  ];
  return buildRequest({ method: 'ACK', requestUri: request.requestUri, headers });
}
