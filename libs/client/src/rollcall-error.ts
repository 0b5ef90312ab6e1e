import { grpcCodeName, ServiceFault } from '@rollcall/rpc';

/** What Rollcall refused or could not do. */
export class RollcallError extends Error {
  /** The name of the gRPC status, for example "INVALID_ARGUMENT". */
  readonly status: string;
  /** Why, in UPPER_SNAKE case; docs/errors.md lists all reasons. */
  readonly reason: string;

  constructor(fault: ServiceFault) {
    super(`${fault.reason}: ${fault.message}`, { cause: fault });
    this.name = 'RollcallError';
    this.status = grpcCodeName(fault.code);
    this.reason = fault.reason;
  }
}

/** What is thrown to the caller: never a class of the layer below. */
export function toRollcallError(error: unknown): unknown {
  return error instanceof ServiceFault ? new RollcallError(error) : error;
}
