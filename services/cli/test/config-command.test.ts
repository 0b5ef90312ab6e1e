import { expect, it } from 'vitest';
import { runRollcall } from './run-rollcall.ts';

it('shows what a service would start with, secrets masked', async () => {
  const env = { AUTH_NONCE_SECRETS: 'first-secret-of-the-test', AUTH_LOCKOUT_FAILURES: '5' };
  const { exitCode, out } = await runRollcall(['config', 'auth'], env);
  expect(exitCode).toBe(0);
  expect(out).toContain('AUTH_LOCKOUT_FAILURES="5"\n');
  expect(out).toMatch(/^AUTH_GRPC_LISTEN=0\.0\.0\.0:50052$/m);
  expect(out).toMatch(/^AUTH_NONCE_SECRETS=\(secret, 24 characters\)$/m);
  expect(out).not.toContain('first-secret');
});

it.each(['edge', 'registrar', 'auth', 'location', 'redirect', 'standalone'])('knows %s', async (name) => {
  const { exitCode, out } = await runRollcall(['config', name, '--json']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    service: name,
    problem: '',
    variables: { LOG_LEVEL: expect.any(String) },
  });
});

it('says what is wrong and ends with 1', async () => {
  const { exitCode, out, err } = await runRollcall(['config', 'edge'], {
    EDGE_UDP_LISTEN: 'here',
    LOG_LEVEL: 'loud',
  });
  expect(exitCode).toBe(1);
  expect(out).toContain('EDGE_UDP_LISTEN="here"');
  expect(err).toContain('The configuration has 2 problems:');
});
