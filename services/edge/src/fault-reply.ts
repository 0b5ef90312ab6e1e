import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { SipParseError } from '@rollcall/sip';
import type { Exchange } from './exchange.ts';
import type { ShedReason } from './metrics.ts';

/** Retry-After values are spread over this range, so that what was refused together does not return together. */
const retryAfterSec = { least: 5, most: 15 };

/** Faults that say nothing about the request, only about the moment. */
const shedReasons: Readonly<Record<number, ShedReason>> = {
  [GrpcCode.UNAVAILABLE]: 'backend_unavailable',
  [GrpcCode.RESOURCE_EXHAUSTED]: 'backend_overload',
  [GrpcCode.DEADLINE_EXCEEDED]: 'backend_deadline',
};

interface FaultReply {
  readonly status: number;
  readonly retryAfter: boolean;
}

/** What a phone sees of a fault behind the edge: never a 404, a challenge or silence. */
const replies: Readonly<Record<number, FaultReply>> = {
  [GrpcCode.INVALID_ARGUMENT]: { status: 400, retryAfter: false },
  [GrpcCode.NOT_FOUND]: { status: 404, retryAfter: false },
  [GrpcCode.PERMISSION_DENIED]: { status: 403, retryAfter: false },
  [GrpcCode.ABORTED]: { status: 500, retryAfter: true },
  [GrpcCode.UNAVAILABLE]: { status: 503, retryAfter: true },
  [GrpcCode.RESOURCE_EXHAUSTED]: { status: 503, retryAfter: true },
  [GrpcCode.DEADLINE_EXCEEDED]: { status: 503, retryAfter: true },
};

/** Answers a request that could not be processed; returns false for an error that is a bug. */
export function replyToFault(exchange: Exchange, error: unknown, random: () => number): boolean {
  if (error instanceof SipParseError) {
    // A typed header was read and found malformed; undefined would mean "cannot be answered", but this one can.
    exchange.reply(error.status ?? 400, '', error.reasonPhrase);
    return true;
  }
  if (!(error instanceof ServiceFault)) {
    exchange.reply(500);
    return false;
  }
  const reply = replies[error.code] ?? { status: 500, retryAfter: false };
  exchange.reply(reply.status, reply.retryAfter ? retryAfterRow(error.retryAfterMs, random) : '');
  return true;
}

/** Why a request could not be served now; undefined for an error of another kind. */
export function shedReasonOf(error: unknown): ShedReason | undefined {
  return error instanceof ServiceFault ? shedReasons[error.code] : undefined;
}

/** A randomised Retry-After row, not below what the backend asked for. */
export function retryAfterRow(atLeastMs: number, random: () => number): string {
  const spread = retryAfterSec.least + Math.floor(random() * (retryAfterSec.most - retryAfterSec.least + 1));
  return `Retry-After: ${Math.max(spread, Math.ceil(atLeastMs / 1000))}\r\n`;
}
