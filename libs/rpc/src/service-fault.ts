/** gRPC's status codes, as in google.rpc.Code. */
export const GrpcCode = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
} as const;

const namesByCode: readonly string[] = Object.keys(GrpcCode);

/** The name of a status code, as metrics and logs show it; 'UNKNOWN' for a number that is none. */
export function grpcCodeName(code: number): string {
  return namesByCode[code] ?? 'UNKNOWN';
}

/** What else there is to say of a fault. */
export interface FaultOptions {
  /** How long to wait before trying again, in milliseconds; 0 (the default) where trying again is no use. */
  readonly retryAfterMs?: number;
  /** What caused it; for the log, never sent. */
  readonly cause?: unknown;
}

/**
 * Why a call was not processed: a store is down, a deadline passed, too much at once. What SIP calls a refusal (401,
 * 403, 423, …) is an outcome, never a fault.
 */
export class ServiceFault extends Error {
  /** gRPC status code, one of {@link GrpcCode}. */
  readonly code: number;
  /** Machine-readable reason in UPPER_SNAKE case, from docs/errors.md. */
  readonly reason: string;
  /** How long to wait before trying again, in milliseconds; 0 where trying again is no use. */
  readonly retryAfterMs: number;

  /**
   * @param code one of {@link GrpcCode}
   * @param reason UPPER_SNAKE, from docs/errors.md
   * @param message text for an operator's log; it travels to our own services, never to a phone
   */
  constructor(code: number, reason: string, message: string, options: FaultOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'ServiceFault';
    this.code = code;
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs ?? 0;
  }
}

/** A reason that this library itself gives, for docs/errors.md. */
export interface FaultReason {
  readonly reason: string;
  readonly code: number;
  readonly meaning: string;
}

/** The reasons that this library gives; services add their own. */
export const rpcFaultReasons = {
  backendUnavailable: {
    reason: 'BACKEND_UNAVAILABLE',
    code: GrpcCode.UNAVAILABLE,
    meaning: 'No instance of the service answers.',
  },
  overloaded: {
    reason: 'OVERLOADED',
    code: GrpcCode.RESOURCE_EXHAUSTED,
    meaning: 'As many calls as allowed are in flight already.',
  },
  deadlineExceeded: {
    reason: 'DEADLINE_EXCEEDED',
    code: GrpcCode.DEADLINE_EXCEEDED,
    meaning: 'The time given to the call has passed.',
  },
  connectionClosed: {
    reason: 'CONNECTION_CLOSED',
    code: GrpcCode.UNAVAILABLE,
    meaning: 'The calling process is stopping.',
  },
  draining: {
    reason: 'DRAINING',
    code: GrpcCode.UNAVAILABLE,
    meaning: 'This instance is stopping; another one goes on with the stream.',
  },
  callerNotAllowed: {
    reason: 'CALLER_NOT_ALLOWED',
    code: GrpcCode.PERMISSION_DENIED,
    meaning: "The caller's certificate has none of the names that may call the method.",
  },
  invalidRequest: {
    reason: 'INVALID_REQUEST',
    code: GrpcCode.INVALID_ARGUMENT,
    meaning: 'The call lacks its request, or cannot be read.',
  },
  internal: {
    reason: 'INTERNAL',
    code: GrpcCode.INTERNAL,
    meaning: 'A fault of the program; its log says which.',
  },
} as const satisfies Record<string, FaultReason>;

/**
 * A fault with one of this library's reasons, made without a stack: it is expected under load, when there is no time to
 * collect one, and it would show this library only.
 */
export function rpcFault(
  kind: keyof typeof rpcFaultReasons,
  message: string,
  options: FaultOptions = {},
): ServiceFault {
  const { code, reason } = rpcFaultReasons[kind];
  return faultWithoutStack(code, reason, message, options);
}

/** A fault that happened elsewhere: the stack here says nothing of it. */
export function faultWithoutStack(
  code: number,
  reason: string,
  message: string,
  options: FaultOptions = {},
): ServiceFault {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  const fault = new ServiceFault(code, reason, message, options);
  Error.stackTraceLimit = limit;
  return fault;
}
