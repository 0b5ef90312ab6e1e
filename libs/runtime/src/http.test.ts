import { Readable } from 'node:stream';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { addHeapSnapshotRoute } from './heap-snapshot-route.ts';
import { buildHttp, type HttpOptions } from './http.ts';
import { createLogger } from './logger.ts';
import { Metrics } from './metrics.ts';
import type { ReadinessCheck } from './readiness.ts';
import { addServiceMetrics } from './service-metrics.ts';

const version = { version: '1.2.3', revision: 'abc', node: 'v24.0.0' };
const apps: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const app of apps.splice(0)) await app.close();
});

/** A clock that the test moves by hand; its timers fire when it passes them. */
class HandClock {
  #nowMs = 1000;
  #timers: { atMs: number; run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, run: () => void) {
    const timer = { atMs: this.#nowMs + delayMs, run };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((each) => each !== timer)) };
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const { run } of this.#timers.filter(({ atMs }) => atMs <= this.#nowMs)) run();
  }
}

function serve(checks: ReadinessCheck[], extra: Partial<HttpOptions> = {}) {
  const clock = new HandClock();
  const metrics = new Metrics();
  const serviceMetrics = addServiceMetrics(metrics, 'edge', version);
  const built = buildHttp({ checks, metrics, version, clock, serviceMetrics, ...extra });
  apps.push(built.app);
  return { ...built, clock, metrics, get: (url: string) => built.app.inject({ method: 'GET', url }) };
}

const well: ReadinessCheck = { name: 'redis', check: () => undefined };
const ill: ReadinessCheck = { name: 'auth', check: () => Promise.resolve('no auth answers') };

describe('/livez and /healthz', () => {
  it.each(['/livez', '/healthz'])('%s is 200 whatever a dependency does', async (url) => {
    const response = await serve([ill]).get(url);
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
  });
});

describe('/readyz', () => {
  it('is 200 where all checks are fine', async () => {
    const response = await serve([well]).get('/readyz');
    expect(response.statusCode).toBe(200);
    expect(response.headers['cache-control']).toBe('no-store');
    expect(response.json()).toEqual({
      status: 'ok',
      checks: [
        { name: 'process', ok: true },
        { name: 'redis', ok: true },
      ],
    });
  });

  it('is 503 until the process serves what it is for', async () => {
    const { get, setStarted } = serve([well], { starting: true });
    const early = await get('/readyz');
    expect(early.statusCode).toBe(503);
    expect(early.json<{ checks: unknown[] }>().checks[0]).toEqual({
      name: 'process',
      ok: false,
      problem: 'it is starting',
    });
    expect((await get('/livez')).statusCode).toBe(200);
    setStarted();
    expect((await get('/readyz')).statusCode).toBe(200);
  });

  it('is 503 with the problem where one is not', async () => {
    const response = await serve([well, ill]).get('/readyz');
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({ status: 'unavailable' });
    expect(response.json<{ checks: unknown[] }>().checks[2]).toEqual({
      name: 'auth',
      ok: false,
      problem: 'no auth answers',
    });
  });

  it('shows a line for each check with ?verbose', async () => {
    const response = await serve([well, ill]).get('/readyz?verbose');
    expect(response.body).toBe(
      '[+]process ok\n[+]redis ok\n[-]auth failed: no auth answers\nreadyz check failed\n',
    );
  });

  it('leaves out what ?exclude names', async () => {
    const server = serve([well, ill, { name: 'other', check: () => 'broken' }]);
    expect((await server.get('/readyz?exclude=auth&exclude=other')).statusCode).toBe(200);
    expect((await server.get('/readyz?exclude=auth')).statusCode).toBe(503);
  });

  it('asks at most once a second', async () => {
    let asked = 0;
    const server = serve([{ name: 'redis', check: () => (asked++ < 0 ? 'never' : undefined) }]);
    await server.get('/readyz');
    await server.get('/readyz');
    expect(asked).toBe(1);
    server.clock.pass(1000);
    await server.get('/readyz');
    expect(asked).toBe(2);
  });

  it('takes a check that throws, or never answers, as failed', async () => {
    const throwing = serve([{ name: 'redis', check: () => Promise.reject(new Error('boom')) }]);
    expect((await throwing.get('/readyz?verbose')).body).toContain('[-]redis failed: boom');
    const hanging = serve([{ name: 'redis', check: () => new Promise(() => undefined) }]);
    const response = hanging.get('/readyz?verbose');
    await hanging.app.ready();
    await new Promise((resolve) => setImmediate(resolve));
    hanging.clock.pass(500);
    expect((await response).body).toContain('[-]redis failed: no answer within 500 ms');
  });

  it('is 503 once draining', async () => {
    const server = serve([well]);
    server.setDraining();
    expect((await server.get('/readyz')).statusCode).toBe(503);
    expect((await server.get('/metrics')).body).toMatch(/^rollcall_draining 1$/m);
  });
});

describe('/metrics and /version', () => {
  it('shows the metrics of every service', async () => {
    const server = serve([well, ill]);
    await server.get('/readyz');
    const response = await server.get('/metrics');
    expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.body).toContain(
      'rollcall_build_info{version="1.2.3",revision="abc",node_version="v24.0.0",component="edge"} 1',
    );
    expect(response.body).toMatch(/^rollcall_ready 0$/m);
    expect(response.body).toMatch(/^rollcall_dependency_up\{dependency="redis"\} 1$/m);
    expect(response.body).toMatch(/^rollcall_dependency_up\{dependency="auth"\} 0$/m);
  });

  it('says what runs', async () => {
    expect((await serve([]).get('/version')).json()).toEqual(version);
  });
});

describe('errors', () => {
  it('are problem+json: nothing there', async () => {
    const response = await serve([]).get('/nope');
    expect(response.statusCode).toBe(404);
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status: 404, title: 'Not Found', code: 'NOT_FOUND' });
  });

  it.each(['/livez', '/healthz', '/readyz', '/metrics', '/version'])(
    'are problem+json: POST %s',
    async (url) => {
      const response = await serve([]).app.inject({ method: 'POST', url });
      expect(response.statusCode).toBe(405);
      expect(response.headers.allow).toBe('GET, HEAD');
      expect(response.json()).toMatchObject({ status: 405, code: 'METHOD_NOT_ALLOWED' });
    },
  );

  it('are problem+json: a body that is too large', async () => {
    const { app } = serve([]);
    const response = await app.inject({
      method: 'POST',
      url: '/livez',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify('x'.repeat(70_000)),
    });
    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({ code: 'CONTENT_TOO_LARGE' });
  });

  it('are problem+json: our own mistake, of which nothing is said', async () => {
    const { app } = serve([]);
    app.get('/broken', () => Promise.reject(new Error('hunter2')));
    const response = await app.inject({ method: 'GET', url: '/broken' });
    expect(response.statusCode).toBe(500);
    expect(response.json()).toMatchObject({ code: 'INTERNAL' });
    expect(response.body).not.toContain('hunter2');
  });
});

describe('an advisory check', () => {
  it('is shown and measured, and decides nothing', async () => {
    const server = serve([well, { ...ill, advisory: true }]);
    const metrics = (await server.get('/metrics')).body;
    expect(metrics).toMatch(/^rollcall_dependency_up\{dependency="auth"\} 0$/m);
    expect(metrics).toMatch(/^rollcall_ready 1$/m);
    const response = await server.get('/readyz');
    expect(response.statusCode).toBe(200);
    expect(response.json<{ checks: unknown[] }>().checks[2]).toMatchObject({ ok: false, advisory: true });
  });
});

describe('the duration of requests', () => {
  it('is kept by pattern, method and code, whatever paths are tried', async () => {
    const server = serve([well]);
    await server.get('/livez');
    for (const path of ['/a', '/b', '/etc/passwd']) await server.get(path);
    const { body } = await server.get('/metrics');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="/livez",code="200"} 1');
    expect(body).toContain('http_request_duration_seconds_count{method="GET",route="none",code="404"} 3');
    expect(body).not.toContain('passwd');
  });
});

describe('/log-level', () => {
  function serveWithLog() {
    const logger = createLogger({ service: 'x', level: 'info', format: 'json', destination: { write() {} } });
    const server = serve([], { logger });
    const ask = (method: 'GET' | 'PUT' | 'DELETE', url: string, remoteAddress = '127.0.0.1') =>
      server.app.inject({ method, url, remoteAddress });
    return { ...server, logger, ask };
  }

  it('changes the level, and gives it back when the time is over', async () => {
    const { ask, logger, clock } = serveWithLog();
    const response = await ask('PUT', '/log-level?level=debug&seconds=60');
    expect(response.json()).toEqual({ level: 'debug', returnsInSec: 60 });
    expect(logger.level).toBe('debug');
    clock.pass(60_000);
    expect((await ask('GET', '/log-level')).json()).toEqual({ level: 'info', returnsInSec: 0 });
  });

  it('gives the level back when told to', async () => {
    const { ask, logger } = serveWithLog();
    await ask('PUT', '/log-level?level=trace');
    expect((await ask('DELETE', '/log-level')).json()).toEqual({ level: 'info', returnsInSec: 0 });
    expect(logger.level).toBe('info');
  });

  it.each(['level=loud', 'level=debug&seconds=0', 'level=debug&seconds=x'])('refuses %s', async (query) => {
    const { ask, logger } = serveWithLog();
    expect((await ask('PUT', `/log-level?${query}`)).statusCode).toBe(400);
    expect(logger.level).toBe('info');
  });

  it('is for this machine only', async () => {
    const { ask, logger } = serveWithLog();
    expect((await ask('PUT', '/log-level?level=debug', '10.0.0.9')).statusCode).toBe(403);
    expect(logger.level).toBe('info');
  });
});

describe('/debug/heap-snapshot', () => {
  const ask = (app: FastifyInstance, remoteAddress = '127.0.0.1') =>
    app.inject({ method: 'POST', url: '/debug/heap-snapshot', remoteAddress });

  function serveHeap() {
    const taken: Readable[] = [];
    const app = fastify();
    apps.push(app);
    addHeapSnapshotRoute(app, undefined, () => {
      const snapshot = new Readable({ read() {} });
      taken.push(snapshot);
      return snapshot;
    });
    return { app, taken };
  }

  it('is not there unless it is switched on', async () => {
    expect((await ask(serve([]).app)).statusCode).toBe(404);
  });

  it('answers with the heap of this process', async () => {
    const response = await ask(serve([], { heapSnapshots: true }).app);
    expect(response.statusCode).toBe(200);
    expect(Object.keys(JSON.parse(response.body))).toContain('snapshot');
  });

  it('is for this machine only', async () => {
    const { app, taken } = serveHeap();
    expect((await ask(app, '10.0.0.9')).statusCode).toBe(403);
    expect(taken).toHaveLength(0);
  });

  it('is taken once at a time, and again when whoever read the first has gone', async () => {
    const { app, taken } = serveHeap();
    const first = ask(app);
    await expect.poll(() => taken.length).toBe(1);
    expect((await ask(app)).statusCode).toBe(409);
    taken[0]?.destroy();
    await first.catch(() => undefined);
    const third = ask(app);
    await expect.poll(() => taken.length).toBe(2);
    taken[1]?.push('the heap');
    taken[1]?.push(null);
    expect((await third).body).toBe('the heap');
  });
});
