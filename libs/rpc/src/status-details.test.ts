import { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { Status } from './gen/google/rpc/status.ts';
import { GrpcCode, grpcCodeName, rpcFaultReasons, ServiceFault } from './service-fault.ts';
import { fromFaultMessage, fromGrpcStatus, toFaultMessage, toGrpcStatus } from './status-details.ts';

const fault = new ServiceFault(GrpcCode.UNAVAILABLE, 'STORE_UNAVAILABLE', 'Redis is away', {
  retryAfterMs: 1250,
});
const said = { code: 14, reason: 'STORE_UNAVAILABLE', message: 'Redis is away', retryAfterMs: 1250 };

describe('a fault as gRPC status', () => {
  it('comes back as it went', () => {
    const { fault: back, fromService } = fromGrpcStatus(toGrpcStatus(fault));
    expect(back).toBeInstanceOf(ServiceFault);
    expect(back).toMatchObject(said);
    expect(fromService).toBe(true);
  });

  it('has exactly one ErrorInfo, and a RetryInfo where trying again is of use', () => {
    const typesOf = (each: ServiceFault) => {
      const [bytes] = toGrpcStatus(each).metadata.get('grpc-status-details-bin');
      return Status.decode(bytes as Buffer).details.map(({ typeUrl }) => typeUrl);
    };
    expect(typesOf(fault)).toEqual([
      'type.googleapis.com/google.rpc.ErrorInfo',
      'type.googleapis.com/google.rpc.RetryInfo',
    ]);
    expect(typesOf(new ServiceFault(GrpcCode.INTERNAL, 'INTERNAL', 'x'))).toEqual([
      'type.googleapis.com/google.rpc.ErrorInfo',
    ]);
  });

  it('never carries the cause', () => {
    const secret = new ServiceFault(GrpcCode.INTERNAL, 'INTERNAL', 'failed', { cause: new Error('hunter2') });
    const [bytes] = toGrpcStatus(secret).metadata.get('grpc-status-details-bin');
    expect(String(bytes)).not.toContain('hunter2');
  });

  it.each([
    [GrpcCode.UNAVAILABLE, 'BACKEND_UNAVAILABLE'],
    [GrpcCode.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED'],
    [GrpcCode.RESOURCE_EXHAUSTED, 'OVERLOADED'],
    [GrpcCode.UNIMPLEMENTED, 'UNIMPLEMENTED'],
    [99, 'UNKNOWN'],
  ])('of gRPC itself, code %i, has the reason %s', (code, reason) => {
    const { fault: made, fromService } = fromGrpcStatus({ code, details: 'x', metadata: new Metadata() });
    expect(made).toMatchObject({ code, reason, retryAfterMs: 0 });
    expect(fromService).toBe(false);
  });

  it('survives details that cannot be read', () => {
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from([0xff, 0xff, 0xff]));
    expect(fromGrpcStatus({ code: 14, details: 'x', metadata }).fault.reason).toBe('BACKEND_UNAVAILABLE');
  });
});

describe('a fault as part of a batch', () => {
  it('comes back as it went', () => {
    expect(fromFaultMessage(toFaultMessage(fault))).toMatchObject(said);
  });
});

describe('reasons', () => {
  it('are UPPER_SNAKE, each once', () => {
    const reasons = Object.values(rpcFaultReasons).map(({ reason }) => reason);
    expect(new Set(reasons).size).toBe(reasons.length);
    for (const reason of reasons) expect(reason).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  });

  it('names codes as gRPC does', () => {
    expect(grpcCodeName(GrpcCode.OK)).toBe('OK');
    expect(grpcCodeName(GrpcCode.UNAUTHENTICATED)).toBe('UNAUTHENTICATED');
    expect(grpcCodeName(17)).toBe('UNKNOWN');
  });
});
