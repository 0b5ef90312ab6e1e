import type { Call, CallContext } from './calls.ts';
import type { MethodName } from './observer.ts';
import { GrpcCode, grpcCodeName, ServiceFault } from './service-fault.ts';

/** A step of a trace: a call, as its caller or as its server sees it. */
interface CallSpan {
  /** The context that goes on with the call. */
  readonly traceparent: string;
  /** Ends the step with the call's status code. */
  end(code: number, codeName: string): void;
}

/** Follows calls by the trace context that each of them has. */
export interface CallTracer {
  /** Begins a step; undefined where the call is not traced. */
  startCall(kind: 'client' | 'server', method: MethodName, traceparent: string): CallSpan | undefined;
}

/**
 * The call with a step of the trace around each that has a trace context: an item of a batch as well as a unary call,
 * never the batch. Without a tracer it is the call itself, so that processes without traces do nothing for them.
 */
export function tracedCall<Request, Response>(
  kind: 'client' | 'server',
  method: MethodName,
  call: Call<Request, Response>,
  tracer: CallTracer | undefined,
): Call<Request, Response> {
  if (tracer === undefined) return call;
  return (request, context) => {
    const span = context.traceparent === '' ? undefined : tracer.startCall(kind, method, context.traceparent);
    return span === undefined ? call(request, context) : follow(span, call, request, context);
  };
}

async function follow<Request, Response>(
  span: CallSpan,
  call: Call<Request, Response>,
  request: Request,
  { timeoutMs }: CallContext,
): Promise<Response> {
  let code: number = GrpcCode.OK;
  try {
    return await call(request, { timeoutMs, traceparent: span.traceparent });
  } catch (error) {
    code = error instanceof ServiceFault ? error.code : GrpcCode.INTERNAL;
    throw error;
  } finally {
    span.end(code, grpcCodeName(code));
  }
}
