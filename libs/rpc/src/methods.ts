import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Fault } from './gen/rollcall/common/v1/fault.ts';
import type { MethodName } from './observer.ts';

/** How a message becomes bytes and back: what ts-proto generates for each. */
export interface MessageCodec<Message> {
  encode(message: Message, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): Message;
}

/** A method with one request and one response. */
export interface UnaryMethod<Request, Response> extends MethodName {
  readonly type: 'unary';
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

/** A method with one request and many responses. */
export interface StreamMethod<Request, Response> extends MethodName {
  readonly type: 'server_stream';
  readonly request: MessageCodec<Request>;
  readonly response: MessageCodec<Response>;
}

/** A bidirectional stream whose messages carry batches of correlated items. */
export interface BatchedMethod<Request, Response> extends MethodName {
  readonly type: 'bidi_stream';
  readonly request: MessageCodec<ItemBatch<Request>>;
  readonly response: MessageCodec<ResultBatch<Response>>;
}

/** The shape that all `…BatchesRequest` messages share. */
export interface ItemBatch<Request> {
  items: BatchItem<Request>[];
}

/** The shape that all `…Item` messages share. */
export interface BatchItem<Request> {
  id: number;
  timeoutMs: number;
  traceparent: string;
  request: Request | undefined;
}

/** The shape that all `…BatchesResponse` messages share. */
export interface ResultBatch<Response> {
  results: ItemResult<Response>[];
  draining: boolean;
}

/** The shape that all `…ItemResult` messages share. */
export interface ItemResult<Response> {
  id: number;
  result: { $case: 'response'; value: Response } | { $case: 'fault'; value: Fault } | undefined;
}

/** Describes a unary method. */
export function unary<Request, Response>(
  service: string,
  name: string,
  request: MessageCodec<Request>,
  response: MessageCodec<Response>,
): UnaryMethod<Request, Response> {
  return { service, name, type: 'unary', request, response };
}

/** Describes a method with a stream of responses. */
export function serverStream<Request, Response>(
  service: string,
  name: string,
  request: MessageCodec<Request>,
  response: MessageCodec<Response>,
): StreamMethod<Request, Response> {
  return { service, name, type: 'server_stream', request, response };
}

/** Describes a batched method. */
export function batched<Request, Response>(
  service: string,
  name: string,
  request: MessageCodec<ItemBatch<Request>>,
  response: MessageCodec<ResultBatch<Response>>,
): BatchedMethod<Request, Response> {
  return { service, name, type: 'bidi_stream', request, response };
}

/** The path of a method in HTTP/2. */
export function pathOf(method: MethodName): string {
  return `/${method.service}/${method.name}`;
}
