import { canonicalHost, type SipRequest, type SipResponse } from '@rollcall/sip';

const COOKIE = 'z9hg4bk';

/**
 * What a server transaction is found by; `method` is INVITE for the ACK and the CANCEL of an INVITE.
 *
 * With a branch of RFC 3261 §17.2.3 that is branch, sent-by and method, and here the Call-ID and the CSeq number as well: they
 * are equal in all messages of a transaction, and tell requests apart whose sender draws the same branch twice, as phones
 * behind different NATs with the same private address and a poor random source do.
 *
 * A branch without the cookie, or that is nothing but the cookie (RFC 4475 §3.2.1), says nothing: then RFC 2543's rule of
 * §17.2.3 holds. To is part of it except for INVITE, whose ACK has the tag of the response there.
 */
export function serverKey(request: SipRequest, method: string): string {
  const via = request.topVia;
  const { branch } = via;
  const common = `${via.host} ${via.port ?? ''} ${request.callId} ${request.cseq.sequence} ${method}`;
  if (branch !== undefined && hasCookie(branch)) return `${branch} ${common}`;
  const toTag = method === 'INVITE' ? '' : (request.to.tag ?? '');
  // The space in front keeps these apart from the keys above: no branch has one.
  return ` ${request.values('via')[0] ?? ''} ${request.requestUri} ${request.from.tag ?? ''} ${toTag} ${common}`;
}

/** What all copies of one request have in common, by whatever way they came (RFC 3261 §8.2.2.2). */
export function mergeKey(request: SipRequest): string {
  return `${request.from.tag ?? ''} ${request.callId} ${request.cseq.sequence} ${request.method}`;
}

/**
 * What a client transaction is found by: branch and method (RFC 3261 §17.1.3), and the sent-by as well, because a response with
 * another one than ours is to be discarded without a word (§18.1.2).
 */
export function clientKey(branch: string, method: string, sentBy: string): string {
  return `${branch} ${method} ${canonicalSentBy(sentBy.toLowerCase())}`;
}

/** The key of the client transaction that a response belongs to. */
export function clientKeyOf(response: SipResponse): string {
  const { branch = '', host, port } = response.topVia;
  return clientKey(branch, response.cseq.method, port === undefined ? host : `${host}:${port}`);
}

/** Who writes the Via anew instead of copying it may leave the default port out, or add it, and has its own way with IPv6. */
function canonicalSentBy(sentBy: string): string {
  const withoutDefaultPort = sentBy.replace(/:506[01]$/, '');
  const hostEnd = withoutDefaultPort.indexOf(']') + 1;
  return canonicalHost(withoutDefaultPort.slice(0, hostEnd)) + withoutDefaultPort.slice(hostEnd);
}

function hasCookie(branch: string): boolean {
  return branch.length > COOKIE.length && branch.slice(0, COOKIE.length).toLowerCase() === COOKIE;
}
