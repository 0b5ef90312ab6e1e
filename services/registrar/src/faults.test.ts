import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { isAbsence, rejectFault } from './faults.ts';

const faultOf = (code: number, retryAfterMs = 0) => new ServiceFault(code, 'TEST', 'test', { retryAfterMs });

describe('faults', () => {
  it.each([
    [GrpcCode.INVALID_ARGUMENT, 400, 'bad_request'],
    [GrpcCode.DEADLINE_EXCEEDED, 503, 'deadline'],
    [GrpcCode.NOT_FOUND, 404, 'unknown_domain'],
    [GrpcCode.PERMISSION_DENIED, 403, 'forbidden'],
    [GrpcCode.RESOURCE_EXHAUSTED, 503, 'overload'],
    [GrpcCode.ABORTED, 500, 'conflict'],
    [GrpcCode.UNAVAILABLE, 503, 'store_unavailable'],
    [GrpcCode.INTERNAL, 500, 'internal'],
    [GrpcCode.UNKNOWN, 500, 'internal'],
  ])('CN5: gRPC %i becomes SIP %i', (code, status, reason) => {
    expect(rejectFault(faultOf(code), 'location', () => 0)).toMatchObject({ status, reason });
  });

  it('CN5: a mistake of our own is a 500 without Retry-After', () => {
    expect(rejectFault(new Error('bug'), 'auth', () => 0)).toMatchObject({ status: 500, retryAfterSec: 0 });
  });

  it('tell who was away', () => {
    expect(rejectFault(faultOf(GrpcCode.UNAVAILABLE), 'auth', () => 0).reason).toBe('auth_unavailable');
    expect(isAbsence(faultOf(GrpcCode.UNAVAILABLE))).toBe(true);
    expect(isAbsence(faultOf(GrpcCode.DEADLINE_EXCEEDED))).toBe(true);
    expect(isAbsence(faultOf(GrpcCode.INTERNAL))).toBe(false);
    expect(isAbsence(new Error('bug'))).toBe(false);
  });

  it('spread Retry-After at random from 5 to 30 s, later where the service asks for it', () => {
    const unavailable = faultOf(GrpcCode.UNAVAILABLE);
    expect(rejectFault(unavailable, 'location', () => 0).retryAfterSec).toBe(5);
    expect(rejectFault(unavailable, 'location', () => 0.999).retryAfterSec).toBe(30);
    expect(rejectFault(faultOf(GrpcCode.UNAVAILABLE, 60_000), 'location', () => 0).retryAfterSec).toBe(60);
    expect(rejectFault(faultOf(GrpcCode.ABORTED), 'location', () => 0.999).retryAfterSec).toBe(4);
  });
});
