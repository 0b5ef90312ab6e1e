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
  reason: 'AOR_INVALID' | 'AORS_MISSING' | 'TOO_MANY_AORS',
  message: string,
): ServiceFault {
  return new ServiceFault(GrpcCode.INVALID_ARGUMENT, reason, message);
}
