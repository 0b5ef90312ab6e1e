import { describe, expect, it } from 'vitest';
import type { Call } from './calls.ts';
import { GrpcCode, ServiceFault } from './service-fault.ts';
import { type CallTracer, tracedCall } from './traced-call.ts';

const method = { service: 'rollcall.test.v1.TestService', name: 'Ask', type: 'unary' } as const;
const echo: Call<string, string> = async (request, { traceparent }) => `${request} ${traceparent}`;

/** Notes every step; traces all contexts but "unsampled". */
function recordingTracer(): CallTracer & { readonly steps: string[] } {
  const steps: string[] = [];
  return {
    steps,
    startCall: (kind, { name }, traceparent) => {
      if (traceparent === 'unsampled') return undefined;
      return {
        traceparent: `${traceparent}>${kind}`,
        end: (code, codeName) => steps.push(`${kind} ${name} under ${traceparent}: ${code} ${codeName}`),
      };
    },
  };
}

describe('a traced call', () => {
  it('is the call itself where nothing is traced: no cost for any message', () => {
    expect(tracedCall('client', method, echo, undefined)).toBe(echo);
  });

  it('hands on the context of its own step, each for its item', async () => {
    const tracer = recordingTracer();
    const call = tracedCall('server', method, echo, tracer);
    const answers = await Promise.all(
      ['a', 'b', '', 'unsampled'].map((traceparent) => call('x', { timeoutMs: 5, traceparent })),
    );
    expect(answers).toEqual(['x a>server', 'x b>server', 'x ', 'x unsampled']);
    expect(tracer.steps).toEqual(['server Ask under a: 0 OK', 'server Ask under b: 0 OK']);
  });

  it('says how it failed, and lets the fault through', async () => {
    const tracer = recordingTracer();
    const fault = new ServiceFault(GrpcCode.UNAVAILABLE, 'STORE_UNAVAILABLE', 'away');
    const fail = (error: unknown) =>
      tracedCall(
        'client',
        method,
        () => Promise.reject(error),
        tracer,
      )('x', {
        timeoutMs: 5,
        traceparent: 'a',
      });
    await expect(fail(fault)).rejects.toBe(fault);
    await expect(fail(new TypeError('a bug'))).rejects.toThrow('a bug');
    expect(tracer.steps).toEqual(['client Ask under a: 14 UNAVAILABLE', 'client Ask under a: 13 INTERNAL']);
  });
});
