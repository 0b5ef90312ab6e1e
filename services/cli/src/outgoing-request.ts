import { buildRequest, type HeaderRow } from '@rollcall/sip';
import type { ClientFlow } from './client-flow.ts';

/** A request but for what its way adds (Via). Text is byte strings. */
export interface OutgoingRequest {
  readonly method: string;
  readonly requestUri: string;
  /** Value of From, with its tag. */
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  readonly cseq: number;
  /** More rows: Contact, Expires, Authorization, … */
  readonly headers: readonly HeaderRow[];
}

/** What the User-Agent row says. */
const userAgent = 'rollcall-cli';

/**
 * Bytes of a request that leaves by the flow.
 *
 * @param branch with its cookie, unique for each transaction (RFC 3261 §8.1.1.7)
 */
export function buildOutgoing(request: OutgoingRequest, flow: ClientFlow, branch: string): Buffer {
  return buildRequest({
    method: request.method,
    requestUri: request.requestUri,
    headers: [
      // rport: the answer comes back through any NAT in between (RFC 3581).
      ['Via', `SIP/2.0/${flow.transport.toUpperCase()} ${flow.sentBy};rport;branch=${branch}`],
      ['Max-Forwards', '70'],
      ['From', request.from],
      ['To', request.to],
      ['Call-ID', request.callId],
      ['CSeq', `${request.cseq} ${request.method}`],
      ...request.headers,
      ['User-Agent', userAgent],
    ],
  });
}
