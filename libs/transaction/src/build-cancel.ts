import { buildRequest, type HeaderRow, parseMessage } from '@rollcall/sip';

/**
 * The CANCEL of an INVITE that was sent (RFC 3261 §9.1): its top Via alone, its Request-URI, From, To, Call-ID, CSeq number and
 * Routes. Throws SipParseError where `invite` is no request.
 */
export function buildCancel(invite: Buffer): Buffer {
  const request = parseMessage(invite, 'datagram');
  if (request.kind !== 'request') throw new TypeError('a CANCEL is made from an INVITE, not from a response');
  const headers: HeaderRow[] = [
    ['Via', request.values('via')[0] ?? ''],
    ['Max-Forwards', '70'],
    ['From', request.row('from') ?? ''],
    ['To', request.row('to') ?? ''],
    ['Call-ID', request.callId],
    ['CSeq', `${request.cseq.sequence} CANCEL`],
    ...request.rows('route').map((route): HeaderRow => ['Route', route]),
  ];
  return buildRequest({ method: 'CANCEL', requestUri: request.requestUri, headers });
}
