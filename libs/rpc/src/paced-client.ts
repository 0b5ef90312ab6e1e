import { type ClientReadableStream, Metadata, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import type { BackendPool } from './backend-pool.ts';
import type { OpenPacedStream, PacedSink, PacedStream } from './calls.ts';
import { encodeMessage } from './message-writer.ts';
import { pathOf, type StreamMethod } from './methods.ts';
import type { ClientObserver } from './observer.ts';
import type { RpcClock } from './rpc-clock.ts';
import { GrpcCode, type ServiceFault } from './service-fault.ts';
import { fromGrpcStatus } from './status-details.ts';
import { decodeMessage } from './text-reader.ts';

/** Opens streams of responses, each on one backend, in turn. A stream ends with its backend; its reader opens another. */
export function pacedStreamOf<Request, Response>(
  method: StreamMethod<Request, Response>,
  pool: BackendPool,
  { clock, observer }: { clock: RpcClock; observer: ClientObserver },
): OpenPacedStream<Request, Response> {
  return (request, sink) => {
    const startedAtMs = clock.nowMs();
    observer.onStarted(method);
    const onOver = (code: number) => observer.onHandled(method, code, clock.nowMs() - startedAtMs);
    const backend = pool.pick((each) => each.inFlight);
    if (backend === undefined) {
      const fault = pool.unavailable();
      onOver(fault.code);
      return refuse(sink, fault);
    }
    observer.onSent(method);
    const call: ClientReadableStream<Response> = backend.client.makeServerStreamRequest(
      pathOf(method),
      (message: Request) => encodeMessage(method.request, message),
      (bytes: Buffer) => decodeMessage(method.response, bytes),
      request,
      new Metadata(),
      {},
    );
    // Streams count as load, so that the next one goes to another backend.
    backend.inFlight += 1;
    call.on('data', () => observer.onReceived(method));
    return follow(call, sink, (code) => {
      backend.inFlight -= 1;
      onOver(code);
    });
  };
}

function refuse<Response>(sink: PacedSink<Response>, fault: ServiceFault): PacedStream {
  let over = false;
  // Never from within the call: the caller does not have its stream yet.
  setImmediate(() => {
    if (!over) sink.onEnd(fault);
  });
  return {
    resume: () => undefined,
    cancel: () => {
      over = true;
    },
  };
}

function follow<Response>(
  call: ClientReadableStream<Response>,
  sink: PacedSink<Response>,
  onOver: (code: number) => void,
): PacedStream {
  let over = false;
  const finish = (code: number, tell: () => void) => {
    if (over) return;
    over = true;
    onOver(code);
    tell();
  };
  call.on('data', (response: Response) => {
    if (!over && !sink.onResponse(response)) call.pause();
  });
  // With a status other than OK both come, in either order; the status alone with OK.
  const onStatus = (status: StatusObject | ServiceError) =>
    finish(status.code, () =>
      sink.onEnd(status.code === GrpcCode.OK ? undefined : fromGrpcStatus(status).fault),
    );
  call.on('error', onStatus);
  call.on('status', onStatus);
  return {
    resume: () => {
      if (!over) call.resume();
    },
    cancel: () => {
      finish(GrpcCode.CANCELLED, () => undefined);
      call.cancel();
    },
  };
}
