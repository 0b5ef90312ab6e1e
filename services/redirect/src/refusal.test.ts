import { GrpcCode, ServiceFault } from '@rollcall/rpc';
import { describe, expect, it } from 'vitest';
import { refuseFault } from './refusal.ts';

const faultOf = (code: number, retryAfterMs = 0) => new ServiceFault(code, 'TEST', 'test', { retryAfterMs });

describe('faults', () => {
  it.each([
    [GrpcCode.UNAVAILABLE, 'unavailable'],
    [GrpcCode.NOT_FOUND, 'unavailable'],
    [GrpcCode.DEADLINE_EXCEEDED, 'deadline'],
    [GrpcCode.RESOURCE_EXHAUSTED, 'overload'],
  ])('CN4: gRPC %i is 503, whatever it is', (code, reason) => {
    expect(refuseFault(faultOf(code), () => 0)).toMatchObject({ status: 503, reason, retryAfterSec: 5 });
  });

  it('CN4: a mistake of our own is 503 as well', () => {
    expect(refuseFault(new Error('bug'), () => 0)).toMatchObject({ status: 503, reason: 'internal' });
  });

  it('spread Retry-After at random from 5 to 15 s, later where the service asks for it', () => {
    expect(refuseFault(faultOf(GrpcCode.UNAVAILABLE), () => 0.999).retryAfterSec).toBe(15);
    expect(refuseFault(faultOf(GrpcCode.UNAVAILABLE, 60_000), () => 0).retryAfterSec).toBe(60);
  });
});
