import { hash } from 'node:crypto';
import type { ApplyRequest } from '@rollcall/rpc';

/**
 * Tells a registration from any other that could carry the same credentials, in 22 characters. The granted lifetime
 * counts as zero or not: a retransmission that another registrar handles may be granted a few seconds more or less.
 */
export function makeRequestKey(request: ApplyRequest): string {
  const parts = [request.callId, request.cseq, request.branch, request.removeAll ? '*' : ''];
  for (const update of request.updates) {
    parts.push(update.uri, update.params, update.instanceId, update.regId, update.expiresSec > 0 ? '+' : '-');
  }
  // No part can hold a line feed: the parser of SIP admits none in a header's value.
  return hash('sha256', parts.join('\n'), 'base64url').slice(0, 22);
}
