import { hash } from 'node:crypto';
import type { Registration } from '@rollcall/bindings';
import type { ApplyRequest } from '@rollcall/rpc';

/** 96 bits: nobody finds another Contact with the same key while a nonce lives. */
const requestKeyLength = 16;

/** The last 66 bits of a nonce, which are of its signature, tell the few nonces of one record apart; nobody can choose them. */
const nonceKeyLength = 11;

/** What every branch begins with (RFC 3261 §8.1.1.7); alone it is no branch at all (RFC 4475 §3.2.1). */
const branchCookie = 'z9hG4bK';

/**
 * What the rules need of a request, in as few bytes as it takes: a record is kept for every phone. The end of the
 * nonce stands for it, and a short hash for the request that used it; the branch goes without its cookie, and the flow without the
 * edge's own address, which the edge knows by the token.
 */
export function toRegistration(request: ApplyRequest): Registration {
  const { nonce, flow, branch } = request;
  // Field by field: V8 makes a spread of so many fields, some of them replaced, one at a time and by name.
  return {
    callId: request.callId,
    cseq: request.cseq,
    updates: request.updates,
    removeAll: request.removeAll,
    path: request.path,
    userAgent: request.userAgent,
    maxBindings: request.maxBindings,
    replaceOldest: request.replaceOldest,
    gruu: request.gruu,
    number: request.number,
    push: request.push,
    branch: branch.startsWith(branchCookie) ? branch.slice(branchCookie.length) : branch,
    flow: flow === undefined ? undefined : { ...flow, localAddress: '' },
    nonce: nonce === undefined ? undefined : { ...nonce, nonce: nonce.nonce.slice(-nonceKeyLength) },
    requestKey: nonce === undefined ? '' : makeRequestKey(request),
  };
}

/**
 * Tells a registration from any other that could carry the same credentials. The granted lifetime counts as zero or not:
 * a retransmission that another registrar handles may be granted a few seconds more or less. One that the registrar has
 * refused is no fetch, though it changes as little: its credentials must not serve to learn the bindings.
 */
function makeRequestKey(request: ApplyRequest): string {
  const what = request.removeAll ? '*' : request.refused ? '!' : '';
  const parts = [request.callId, request.cseq, request.branch, request.number ?? '', what];
  for (const update of request.updates) {
    parts.push(update.uri, update.params, update.instanceId, update.regId, update.expiresSec > 0 ? '+' : '-');
  }
  // No part can hold a line feed: the parser of SIP admits none in a header's value.
  return shortHash(parts.join('\n'), requestKeyLength);
}

function shortHash(text: string, length: number): string {
  return hash('sha256', text, 'base64url').slice(0, length);
}
