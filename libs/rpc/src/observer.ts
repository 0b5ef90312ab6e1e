/** Names a method; the same object for all calls of it, so that an observer may keep what it knows by it. */
export interface MethodName {
  /** For example "rollcall.auth.v1.AuthService". */
  readonly service: string;
  /** For example "GetVectorBatches". */
  readonly name: string;
  /** The label grpc_type of the usual gRPC metrics. */
  readonly type: 'unary' | 'bidi_stream' | 'server_stream';
}

/** Follows the calls that this process makes. For a batched method each item is a call. */
export interface ClientObserver {
  onStarted(method: MethodName): void;
  /** @param code gRPC status code, 0 for OK @param elapsedMs from the call to its end, retries included */
  onHandled(method: MethodName, code: number, elapsedMs: number): void;
  /** @param items how many items left as one message */
  onBatch(method: MethodName, items: number): void;
  /** A call is tried again elsewhere. */
  onRetry(method: MethodName): void;
  /** A TLS handshake with a backend failed: its certificate, or ours. */
  onHandshakeFailed?(target: string, reason: string): void;
  /** A message was sent: a request, or a batch of them. */
  onSent(method: MethodName): void;
  /** A message came: a response, a batch of them, or an event. */
  onReceived(method: MethodName): void;
}

/** Follows the calls that this process serves. For a batched method each item is a call. */
export interface ServerObserver {
  onStarted(method: MethodName): void;
  /** @param code gRPC status code, 0 for OK @param elapsedMs from the call's arrival to its result */
  onHandled(method: MethodName, code: number, elapsedMs: number): void;
  /** @param items how many items came as one message */
  onBatch(method: MethodName, items: number): void;
  /** A handler threw something that is no ServiceFault: a mistake of ours, for the log. */
  onError(method: MethodName, error: unknown): void;
  /** A caller's certificate has none of the names that may call the method. @param message says who */
  onRefused?(method: MethodName, message: string): void;
  /** A message was sent: a response, a batch of them, or an event. */
  onSent(method: MethodName): void;
  /** A message came: a request, or a batch of them. */
  onReceived(method: MethodName): void;
}

/** Follows nothing. */
export const silentClient: ClientObserver = {
  onStarted() {},
  onHandled() {},
  onBatch() {},
  onRetry() {},
  onSent() {},
  onReceived() {},
};

/** Follows nothing. */
export const silentServer: ServerObserver = {
  onStarted() {},
  onHandled() {},
  onBatch() {},
  onError() {},
  onSent() {},
  onReceived() {},
};
