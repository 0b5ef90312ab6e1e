import { type GrpcServer, redirectService, serveGrpc } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import { afterEach, expect, it } from 'vitest';
import { runRollcall } from './run-rollcall.ts';

const servers: GrpcServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.drain(0);
});

async function serve(serving: boolean): Promise<string> {
  const services = [redirectService({ resolve: () => Promise.reject(new Error('not for this test')) })];
  const server = await serveGrpc('127.0.0.1:0', services, { clock: systemClock });
  servers.push(server);
  server.setServing(serving);
  return `127.0.0.1:${server.port}`;
}

it('says that all servers take calls', async () => {
  const [one, other] = [await serve(true), await serve(true)];
  const { exitCode, out } = await runRollcall(['health', one, `dns:///${other}`]);
  expect(out).toMatch(/SERVER +ANSWER +TOOK +VERDICT\n127\.0\.0\.1:\d+ +SERVING +\d+ ms +good\ndns:/);
  expect(exitCode).toBe(0);
});

it('ends with 1 where one of them does not', async () => {
  const [one, other] = [await serve(true), await serve(false)];
  const { exitCode, out } = await runRollcall(['health', one, other]);
  expect(out).toContain('NOT_SERVING');
  expect(exitCode).toBe(1);
});

it('ends with 3 where one of them is not there', async () => {
  const [one, other] = [await serve(false), '127.0.0.1:1'];
  const { exitCode, out, err } = await runRollcall(['health', '--timeout', '1', one, other]);
  expect(out).toContain('no answer in time');
  expect(err).toBe('');
  expect(exitCode).toBe(3);
});

it('says that it waits, before anybody wonders; programs are not told', async () => {
  const ask = (...args: string[]) => runRollcall(['health', '--timeout', '3', '127.0.0.1:1', ...args]);
  const [forPeople, forPrograms] = await Promise.all([ask(), ask('--json')]);
  expect(forPeople.err).toBe('waiting for an answer …\n');
  expect(forPrograms.err).toBe('');
});

it('asks for one service, and tells one that is not there', async () => {
  const target = await serve(true);
  const ask = (service: string) => runRollcall(['health', target, '--service', service]);
  expect((await ask('rollcall.redirect.v1.RedirectService')).exitCode).toBe(0);
  const { exitCode, out } = await ask('rollcall.auth.v1.AuthService');
  expect(out).toContain('has no service rollcall.auth.v1.AuthService');
  expect(exitCode).toBe(1);
});

it('asks location where nothing is named, and tells machines', async () => {
  const ROLLCALL_LOCATION = await serve(true);
  const { exitCode, out } = await runRollcall(['health', '--json'], { ROLLCALL_LOCATION });
  expect(JSON.parse(out)).toMatchObject({
    good: true,
    servers: [{ target: ROLLCALL_LOCATION, answer: 'SERVING', problem: '' }],
  });
  expect(exitCode).toBe(0);
});

it('refuses what is no server', async () => {
  expect((await runRollcall(['health', 'http://registrar'])).exitCode).toBe(2);
});
