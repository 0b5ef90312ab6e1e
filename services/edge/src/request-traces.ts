import type { Span, Tracing } from '@rollcall/runtime';
import type { SipRequest } from '@rollcall/sip';
import type { TransportName } from '@rollcall/transport';
import { isKnownMethod } from './methods.ts';

/**
 * Begins the trace of a request, if it is one of those that are traced. Facts are what a log line has as well: no AOR, no
 * address of the phone.
 */
export function beginTrace(
  tracing: Tracing,
  request: SipRequest,
  transport: TransportName,
): Span | undefined {
  const method = isKnownMethod(request.method) ? request.method : 'other';
  const span = tracing.begin(`SIP ${method}`, { 'network.transport': transport });
  span?.note('sip.method', method);
  span?.note('sip.call_id', request.callId);
  span?.note('sip.cseq', request.cseq.sequence);
  return span;
}

/** The final response ends the trace; only what is our own fault is an error (401, 404, 423 are good answers). */
export function endTrace(span: Span, status: number): void {
  span.note('sip.response.status_code', status);
  span.end(status >= 500 ? String(status) : undefined);
}
