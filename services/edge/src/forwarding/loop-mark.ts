import { createHash } from 'node:crypto';
import type { SipRequest } from '@rollcall/sip';

/** What separates the unique part of a branch from the mark; neither is hexadecimal. */
const separator = '.';
const markLength = 12;

/** What of a forwarded request decides where it goes. */
export interface ForwardingFacts {
  readonly edge: string;
  readonly requestUri: string;
  readonly route: readonly string[];
  /** Where it is sent along. */
  readonly flowToken: string;
}

/**
 * The second part of the branch of RFC 5393 §4.2.1: equal for the same request on the same way through the same edge (a
 * loop), another one where it comes again with another target (a spiral).
 */
export function loopMarkOf(request: SipRequest, facts: ForwardingFacts): string {
  const { callId, cseq, from, to } = request;
  const hash = createHash('sha256');
  const parts = [
    facts.edge,
    facts.flowToken,
    facts.requestUri,
    facts.route.join(','),
    callId,
    `${cseq.sequence}`,
    from.tag ?? '',
    to.tag ?? '',
    request.proxyRequire.join(','),
  ];
  for (const part of parts) hash.update(part, 'latin1').update('\n');
  return `${separator}${hash.digest('hex').slice(0, markLength)}`;
}

/** Whether the request has passed here before on the same way (RFC 5393 §4.2.2). */
export function hasLooped(request: SipRequest, mark: string): boolean {
  return request.vias.some(({ branch }) => branch?.endsWith(mark) === true);
}
