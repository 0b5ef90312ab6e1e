import type {
  MethodDefinition,
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedHandleCall,
} from '@grpc/grpc-js';
import { refuseCaller } from './callers.ts';
import type { Call, OpenPacedStream } from './calls.ts';
import { encodeMessage } from './message-writer.ts';
import {
  type BatchedMethod,
  type ItemBatch,
  pathOf,
  type StreamMethod,
  type UnaryMethod,
} from './methods.ts';
import type { MethodName } from './observer.ts';
import { ServedBatchStream } from './serve-batched.ts';
import { ServedPacedStream } from './serve-paced.ts';
import { type OpenWatch, ServedEventStream } from './serve-stream.ts';
import { serveUnary } from './serve-unary.ts';
import type { ServiceHost } from './service-host.ts';
import { decodeMessage } from './text-reader.ts';
import { tracedCall } from './traced-call.ts';

/** One method, ready to be served. */
export interface ServedMethod {
  readonly definition: MethodDefinition<unknown, unknown>;
  handler(host: ServiceHost): UntypedHandleCall;
}

/** A service, ready to be served by `serveGrpc`. */
export interface Service {
  /** For example "rollcall.auth.v1.AuthService". */
  readonly name: string;
  readonly methods: Readonly<Record<string, ServedMethod>>;
}

/** Serves a call as a unary method. */
export function servedUnary<Request, Response>(
  method: UnaryMethod<Request, Response>,
  handle: Call<Request, Response>,
): ServedMethod {
  return {
    definition: define(method, false, (value) => encodeMessage(method.response, value as Response)),
    handler: (host) => {
      const traced = tracedCall('server', method, handle, host.tracer);
      return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => {
        void serveUnary(method, admit(method, call, host) ?? traced, call, answer, host);
      };
    },
  };
}

/** Serves a call as a batched method. */
export function servedBatched<Request, Response>(
  method: BatchedMethod<Request, Response>,
  handle: Call<Request, Response>,
): ServedMethod {
  return {
    definition: define(method, true, (value) => value as Buffer),
    handler: (host) => {
      const traced = tracedCall('server', method, handle, host.tracer);
      return (call: ServerDuplexStream<ItemBatch<Request>, Buffer>) => {
        new ServedBatchStream(method, admit(method, call, host) ?? traced, call, host);
      };
    },
  };
}

/** Serves a watch as a stream of events. */
export function servedStream<Request, Event>(
  method: StreamMethod<Request, Event>,
  open: OpenWatch<Request, Event>,
): ServedMethod {
  return {
    definition: define(method, true, (value) => encodeMessage(method.response, value as Event)),
    handler: (host) => (call: ServerWritableStream<Request, Event>) => {
      new ServedEventStream(method, admit(method, call, host) ?? open, call, host);
    },
  };
}

/** Serves a stream of responses that goes at the reader's pace. */
export function servedPacedStream<Request, Response>(
  method: StreamMethod<Request, Response>,
  open: OpenPacedStream<Request, Response>,
): ServedMethod {
  return {
    definition: define(method, true, (value) => encodeMessage(method.response, value as Response)),
    handler: (host) => (call: ServerWritableStream<Request, Response>) => {
      new ServedPacedStream(method, admit(method, call, host) ?? open, call, host);
    },
  };
}

/** What throws the refusal of a caller in place of a handler; undefined where the caller may call the method. */
function admit(
  method: MethodName,
  caller: Parameters<typeof refuseCaller>[2],
  { callers, observer }: ServiceHost,
): (() => never) | undefined {
  const names = callers?.(method);
  const fault = names && refuseCaller(method, names, caller);
  if (fault === undefined) return undefined;
  observer.onRefused?.(method, fault.message);
  return () => {
    throw fault;
  };
}

/** @param serialize a batched stream writes bytes that are encoded already */
function define<Request, Response>(
  method: UnaryMethod<Request, Response> | StreamMethod<Request, Response> | BatchedMethod<Request, Response>,
  responseStream: boolean,
  serialize: (value: unknown) => Buffer,
): MethodDefinition<unknown, unknown> {
  return {
    path: pathOf(method),
    requestStream: method.type === 'bidi_stream',
    responseStream,
    requestSerialize: () => {
      throw new Error('a server sends no requests');
    },
    requestDeserialize: (bytes: Buffer) => decodeMessage<unknown>(method.request, bytes),
    responseSerialize: serialize,
    responseDeserialize: (bytes: Buffer) => bytes,
  };
}
