import { Metadata, type StatusObject } from '@grpc/grpc-js';
import { ErrorInfo, RetryInfo } from './gen/google/rpc/error_details.ts';
import { Status } from './gen/google/rpc/status.ts';
import type { Fault } from './gen/rollcall/common/v1/fault.ts';
import { encodeMessage } from './message-writer.ts';
import { faultWithoutStack, GrpcCode, rpcFaultReasons, type ServiceFault } from './service-fault.ts';

const detailsKey = 'grpc-status-details-bin';
const typePrefix = 'type.googleapis.com/';
const domain = 'rollcall';

/** A fault as a unary call ends with it: status, and google.rpc.ErrorInfo and RetryInfo as its details. */
export function toGrpcStatus(fault: ServiceFault): StatusObject {
  const metadata = new Metadata();
  metadata.set(detailsKey, encodeMessage(Status, toStatusMessage(fault)));
  return { code: fault.code, details: fault.message, metadata };
}

/** A fault as one item of a public batch carries it: google.rpc.Status with the details of {@link toGrpcStatus}. */
export function toStatusMessage(fault: ServiceFault): Status {
  const details = [
    {
      typeUrl: `${typePrefix}google.rpc.ErrorInfo`,
      value: encodeMessage(ErrorInfo, { reason: fault.reason, domain, metadata: {} }),
    },
  ];
  if (fault.retryAfterMs > 0) {
    const retryDelay = {
      seconds: Math.floor(fault.retryAfterMs / 1000),
      nanos: (fault.retryAfterMs % 1000) * 1_000_000,
    };
    details.push({
      typeUrl: `${typePrefix}google.rpc.RetryInfo`,
      value: encodeMessage(RetryInfo, { retryDelay }),
    });
  }
  return { code: fault.code, message: fault.message, details };
}

/** The fault that a unary call ended with. Undefined details mean that gRPC itself, not the service, gave the status. */
export function fromGrpcStatus(status: StatusObject): { fault: ServiceFault; fromService: boolean } {
  const details = readDetails(status.metadata);
  const reason = details?.reason ?? reasonOfCode(status.code);
  const retryAfterMs = details?.retryAfterMs ?? 0;
  const fault = faultWithoutStack(status.code, reason, status.details, { retryAfterMs });
  return { fault, fromService: details !== undefined };
}

/** A fault as one item of a batch carries it. */
export function toFaultMessage(fault: ServiceFault): Fault {
  return { code: fault.code, reason: fault.reason, message: fault.message, retryAfterMs: fault.retryAfterMs };
}

/** The fault that one item of a batch carried. */
export function fromFaultMessage(fault: Fault): ServiceFault {
  return faultWithoutStack(fault.code, fault.reason, fault.message, { retryAfterMs: fault.retryAfterMs });
}

function readDetails(metadata: Metadata): { reason: string; retryAfterMs: number } | undefined {
  const bytes = metadata.get(detailsKey)[0];
  if (bytes === undefined || typeof bytes === 'string') return undefined;
  try {
    let reason: string | undefined;
    let retryAfterMs = 0;
    for (const { typeUrl, value } of Status.decode(bytes).details) {
      if (typeUrl === `${typePrefix}google.rpc.ErrorInfo`) reason = ErrorInfo.decode(value).reason;
      if (typeUrl === `${typePrefix}google.rpc.RetryInfo`) {
        const delay = RetryInfo.decode(value).retryDelay;
        retryAfterMs = (delay?.seconds ?? 0) * 1000 + Math.round((delay?.nanos ?? 0) / 1_000_000);
      }
    }
    return reason === undefined ? undefined : { reason, retryAfterMs };
  } catch {
    // Details that cannot be read say nothing; the status itself still counts.
    return undefined;
  }
}

function reasonOfCode(code: number): string {
  const known = Object.values(rpcFaultReasons).find((each) => each.code === code);
  return known?.reason ?? Object.entries(GrpcCode).find(([, each]) => each === code)?.[0] ?? 'UNKNOWN';
}
