import { GrpcCode, ServiceFault } from '@rollcall/rpc';

/** How long a caller is asked to wait before it tries again, in milliseconds. */
const retryAfterMs = 1000;

/** A source of subscribers does not answer, not in time, or says what cannot be. */
export function subscribersUnavailable(source: string, problem: string, cause?: unknown): ServiceFault {
  const message = `the subscribers are not available (${source}): ${problem}`;
  return new ServiceFault(GrpcCode.UNAVAILABLE, 'AUTH_SUBSCRIBERS_UNAVAILABLE', message, {
    retryAfterMs,
    cause,
  });
}
