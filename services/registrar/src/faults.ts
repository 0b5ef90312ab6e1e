import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { type Rejection, type RejectionReason, reject } from './rejection.ts';

/** Where a fault came from. */
export type FaultSource = 'auth' | 'location' | 'registrar';

/** Faults by which a service says, or lets show, that it is not there. */
export function isAbsence(error: unknown): boolean {
  return (
    error instanceof ServiceFault &&
    (error.code === GrpcCode.UNAVAILABLE || error.code === GrpcCode.DEADLINE_EXCEEDED)
  );
}

/** A phone is asked to wait at least this long; phones that were refused together must not come back together. */
const retryAfterSec = 5;
const retrySpreadSec = 25;

/** What becomes of a fault: the phone gets a final response quickly, and never learns what broke. */
export function rejectFault(error: unknown, source: FaultSource, random: () => number): Rejection {
  if (!(error instanceof ServiceFault)) return reject(500, 'Server Internal Error', 'internal');
  switch (error.code) {
    case GrpcCode.INVALID_ARGUMENT:
      return reject(400, 'Bad Request', 'bad_request');
    case GrpcCode.NOT_FOUND:
      return reject(404, 'Not Found', 'unknown_domain');
    case GrpcCode.PERMISSION_DENIED:
      return reject(403, 'Forbidden', 'forbidden');
    case GrpcCode.ABORTED:
      return reject(500, 'Server Internal Error', 'conflict', {
        retryAfterSec: 1 + Math.floor(random() * 4),
      });
    case GrpcCode.DEADLINE_EXCEEDED:
      return refuseForNow('deadline', error.retryAfterMs, random);
    case GrpcCode.RESOURCE_EXHAUSTED:
      return refuseForNow('overload', error.retryAfterMs, random);
    case GrpcCode.UNAVAILABLE:
      return refuseForNow(absenceReason(source), error.retryAfterMs, random);
    default:
      return reject(500, 'Server Internal Error', 'internal');
  }
}

/** 503 with a random Retry-After of 5 to 30 s, later where the service itself asked for more. */
export function refuseForNow(reason: RejectionReason, atLeastMs: number, random: () => number): Rejection {
  const leastSec = Math.max(retryAfterSec, Math.ceil(atLeastMs / 1000));
  return reject(503, 'Service Unavailable', reason, {
    retryAfterSec: leastSec + Math.floor(random() * (retrySpreadSec + 1)),
  });
}

function absenceReason(source: FaultSource): RejectionReason {
  return source === 'auth' ? 'auth_unavailable' : 'store_unavailable';
}
