import type { ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import type { Call } from './calls.ts';
import { faultOf } from './fault-of.ts';
import type { UnaryMethod } from './methods.ts';
import { GrpcCode } from './service-fault.ts';
import type { ServiceHost } from './service-host.ts';
import { toGrpcStatus } from './status-details.ts';

/** What an outside caller who gave no deadline gets, in milliseconds. */
const defaultTimeoutMs = 5000;
/** No caller may make us wait for longer. */
const maxTimeoutMs = 30_000;

/** Serves one unary call. */
export async function serveUnary<Request, Response>(
  method: UnaryMethod<Request, Response>,
  handle: Call<Request, Response>,
  call: ServerUnaryCall<Request, Response>,
  answer: sendUnaryData<Response>,
  host: ServiceHost,
): Promise<void> {
  const { observer, clock } = host;
  const startedAtMs = clock.nowMs();
  observer.onStarted(method);
  observer.onReceived(method);
  const traceparent = call.metadata.get('traceparent')[0];
  const context = {
    timeoutMs: timeLeft(call.getDeadline(), startedAtMs),
    traceparent: typeof traceparent === 'string' ? traceparent : '',
  };
  let code: number = GrpcCode.OK;
  try {
    const response = await handle(call.request, context);
    observer.onSent(method);
    answer(null, response);
  } catch (error) {
    const fault = faultOf(error, method, observer);
    code = fault.code;
    answer(toGrpcStatus(fault));
  }
  observer.onHandled(method, code, clock.nowMs() - startedAtMs);
}

function timeLeft(deadline: Date | number, nowMs: number): number {
  const leftMs = Number(deadline) - nowMs;
  if (!Number.isFinite(leftMs)) return defaultTimeoutMs;
  return Math.min(maxTimeoutMs, Math.max(1, Math.floor(leftMs)));
}
