import { ConfigError } from '@rollcall/runtime';
import { expect, it } from 'vitest';
import { readLocationConfig } from './config.ts';

function problemsOf(env: NodeJS.ProcessEnv): string {
  try {
    readLocationConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
}

it('needs nothing to be set', () => {
  expect(readLocationConfig({})).toMatchObject({
    grpcListen: '0.0.0.0:50053',
    store: { kind: 'memory' },
    minReplicasAck: 0,
    logChanges: false,
  });
});

it('reports all problems at once, and never the password of the store', () => {
  const report = problemsOf({
    LOCATION_STORE: 'redis://:secret-word@',
    LOCATION_MIN_REPLICAS_ACK: '9',
    LOCATION_GRPC_LISTEN: 'x',
  });
  for (const name of ['LOCATION_STORE', 'LOCATION_MIN_REPLICAS_ACK', 'LOCATION_GRPC_LISTEN']) {
    expect(report).toContain(name);
  }
  expect(report).toContain('redis+sentinel://');
  expect(report).not.toContain('secret-word');
});

it('refuses to wait for replicas that a store does not have', () => {
  expect(problemsOf({ LOCATION_MIN_REPLICAS_ACK: '1' })).toContain('memory store');
  expect(problemsOf({ LOCATION_MIN_REPLICAS_ACK: '1', LOCATION_STORE: 'redis+cluster://a:7000' })).toContain(
    'cluster',
  );
  expect(problemsOf({ LOCATION_MIN_REPLICAS_ACK: '1', LOCATION_STORE: 'redis://h' })).toBe('');
});
