import type { CallContext } from './calls.ts';
import type { BatchItem } from './methods.ts';
import type { ServiceFault } from './service-fault.ts';

/**
 * A call that waits for its result. It is at the same time the item that goes out: the encoder reads these fields, so
 * no second object is made for a call.
 */
export class PendingItem<Request, Response> implements BatchItem<Request> {
  id = 0;
  timeoutMs: number;
  readonly traceparent: string;
  readonly request: Request;
  readonly startedAtMs: number;
  readonly deadlineAtMs: number;
  /** How many times it was sent. */
  attempts = 0;
  readonly resolve: (response: Response) => void;
  readonly reject: (fault: ServiceFault) => void;

  constructor(
    request: Request,
    context: CallContext,
    nowMs: number,
    resolve: (response: Response) => void,
    reject: (fault: ServiceFault) => void,
  ) {
    this.request = request;
    this.timeoutMs = context.timeoutMs;
    this.traceparent = context.traceparent;
    this.startedAtMs = nowMs;
    this.deadlineAtMs = nowMs + context.timeoutMs;
    this.resolve = resolve;
    this.reject = reject;
  }
}
