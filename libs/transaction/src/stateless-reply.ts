import { buildResponse, type SipRequest } from '@rollcall/sip';
import type { ReplyPath } from './reply-path.ts';
import { toTagFor } from './to-tag.ts';

/** A 100 for the request: no To tag, and its Timestamp back (RFC 3261 §8.2.6.1). */
export function buildTrying(request: SipRequest, path: ReplyPath): Buffer {
  const timestamp = request.row('timestamp');
  return buildResponse(request, 100, 'Trying', {
    toTag: '',
    ...viaParams(path),
    ...(timestamp === undefined ? undefined : { headers: `Timestamp: ${timestamp}\r\n` }),
  });
}

/** A final response with the To tag that every response to this request gets; `headers` are whole rows. */
export function buildReply(
  request: SipRequest,
  path: ReplyPath,
  status: number,
  reasonPhrase: string,
  headers = '',
): Buffer {
  return buildResponse(request, status, reasonPhrase, {
    toTag: toTagFor(request),
    ...viaParams(path),
    headers,
  });
}

/**
 * Answers without any state (RFC 3261 §8.2.7): what a full table, or a request too broken for a transaction, gets. An ACK is
 * never answered. `headers` are whole rows, each with its line end. Throws what the path throws.
 */
export function replyStatelessly(
  request: SipRequest,
  path: ReplyPath,
  status: number,
  reasonPhrase: string,
  headers = '',
): void {
  if (request.method === 'ACK') return;
  path.send(buildReply(request, path, status, reasonPhrase, headers));
}

function viaParams(path: ReplyPath): { received?: string; rport?: number } {
  return {
    ...(path.received === undefined ? undefined : { received: path.received }),
    ...(path.rport === undefined ? undefined : { rport: path.rport }),
  };
}
