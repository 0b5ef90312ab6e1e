import { type Call, GrpcCode, type RpcClock, ServiceFault } from '@rollcall/rpc';
import { toRollcallError } from './rollcall-error.ts';

const firstDelayMs = 50;
const longestDelayMs = 2000;

/** Faults that pass: nobody answers just now, or too much was asked at once. */
function passes(fault: ServiceFault): boolean {
  return fault.code === GrpcCode.UNAVAILABLE || fault.code === GrpcCode.RESOURCE_EXHAUSTED;
}

/** How long to wait before the next attempt: longer each time, and not all clients at once. */
export function delayBefore(attempt: number, fault: ServiceFault | undefined): number {
  const growingMs = Math.min(longestDelayMs, firstDelayMs * 2 ** attempt);
  return Math.max(growingMs, fault?.retryAfterMs ?? 0) * (0.5 + Math.random());
}

/**
 * Makes a call once: for what is not the same when it is done twice.
 *
 * @throws RollcallError
 */
export async function callOnce<Request, Response>(
  call: Call<Request, Response>,
  request: Request,
  timeoutMs: number,
): Promise<Response> {
  try {
    return await call(request, { timeoutMs, traceparent: '' });
  } catch (error) {
    throw toRollcallError(error);
  }
}

/**
 * Makes a call, and makes it again where its fault passes, until the time is over.
 *
 * @throws RollcallError with the last fault
 */
export async function callUntilDone<Request, Response>(
  call: Call<Request, Response>,
  request: Request,
  timeoutMs: number,
  clock: RpcClock,
): Promise<Response> {
  const untilMs = clock.nowMs() + timeoutMs;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call(request, { timeoutMs: Math.max(1, untilMs - clock.nowMs()), traceparent: '' });
    } catch (error) {
      if (!(error instanceof ServiceFault) || !passes(error)) throw toRollcallError(error);
      const delayMs = delayBefore(attempt, error);
      if (clock.nowMs() + delayMs >= untilMs) throw toRollcallError(error);
      await new Promise<void>((resolve) => {
        clock.after(delayMs, resolve);
      });
    }
  }
}
