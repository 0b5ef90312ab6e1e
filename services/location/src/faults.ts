import { GrpcCode, ServiceFault } from '@rollcall/rpc';

/** How long a caller is asked to wait before it tries again, in milliseconds. */
const retryAfterMs = 1000;

/** The store does not answer, or not in time. */
export function storeUnavailable(problem: string, cause?: unknown): ServiceFault {
  const message = `the binding store is not available: ${problem}`;
  return new ServiceFault(GrpcCode.UNAVAILABLE, 'STORE_UNAVAILABLE', message, { retryAfterMs, cause });
}

/** The write is stored, but fewer replicas than configured have confirmed it. */
export function replicasNotReached(confirmed: number, wanted: number): ServiceFault {
  const message = `${confirmed} of ${wanted} replicas have confirmed the write`;
  return new ServiceFault(GrpcCode.UNAVAILABLE, 'REPLICAS_NOT_REACHED', message, { retryAfterMs });
}

/** Others kept changing the record. */
export function revisionConflict(attempts: number): ServiceFault {
  const message = `the record was changed by others during ${attempts} attempts`;
  return new ServiceFault(GrpcCode.ABORTED, 'REVISION_CONFLICT', message, { retryAfterMs });
}

/** Too many updates of one AOR are waiting. */
export function aorBusy(): ServiceFault {
  const message = 'too many updates of this AOR are waiting';
  return new ServiceFault(GrpcCode.RESOURCE_EXHAUSTED, 'AOR_BUSY', message, { retryAfterMs });
}

/** The memory store holds as many AORs as it may. */
export function storeFull(maxAors: number): ServiceFault {
  const message = `the memory store holds ${maxAors} AORs, and may not hold more`;
  return new ServiceFault(GrpcCode.RESOURCE_EXHAUSTED, 'STORE_FULL', message, { retryAfterMs });
}

/** The registration is not what the caller of a removal believed. */
export function etagMismatch(): ServiceFault {
  return new ServiceFault(GrpcCode.ABORTED, 'ETAG_MISMATCH', 'the registration has changed since the etag');
}

/** There is nothing to remove. */
export function nothingBound(what: string): ServiceFault {
  return new ServiceFault(GrpcCode.NOT_FOUND, 'BINDING_NOT_FOUND', `there is no such ${what}`);
}

/** What a watch has missed is no longer known: it must start over. */
export function revisionCompacted(): ServiceFault {
  return new ServiceFault(
    GrpcCode.OUT_OF_RANGE,
    'REVISION_COMPACTED',
    'changes since the resume token are no longer known; start over without it',
  );
}

/** A watch has more to tell than its reader takes. */
export function slowConsumer(waiting: number): ServiceFault {
  const message = `${waiting} events wait for the reader; resume with the last token`;
  return new ServiceFault(GrpcCode.RESOURCE_EXHAUSTED, 'SLOW_CONSUMER', message, { retryAfterMs });
}

/** As many watch this process as may. */
export function tooManyWatches(limit: number): ServiceFault {
  const message = `${limit} watches run here, and no more may`;
  return new ServiceFault(GrpcCode.RESOURCE_EXHAUSTED, 'TOO_MANY_WATCHES', message, { retryAfterMs });
}

/** The caller's time is over. */
export function deadlineExceeded(): ServiceFault {
  return new ServiceFault(
    GrpcCode.DEADLINE_EXCEEDED,
    'DEADLINE_EXCEEDED',
    'the time for this request is over',
  );
}

/** The caller asked for something that cannot be. */
export function invalidArgument(
  reason:
    | 'AOR_INVALID'
    | 'AORS_MISSING'
    | 'BINDING_ID_MISSING'
    | 'TOO_MANY_AORS'
    | 'FLOW_INVALID'
    | 'DOMAIN_INVALID'
    | 'PAGE_SIZE_INVALID'
    | 'PAGE_TOKEN_INVALID'
    | 'READ_MASK_INVALID'
    | 'WATCH_SCOPE_INVALID'
    | 'RESUME_TOKEN_INVALID',
  message: string,
): ServiceFault {
  return new ServiceFault(GrpcCode.INVALID_ARGUMENT, reason, message);
}
