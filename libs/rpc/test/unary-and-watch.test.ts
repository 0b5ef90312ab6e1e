import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type AuthCalls,
  authService,
  connectAuth,
  GrpcCode,
  ServiceFault,
  type SubscribersSink,
  serveGrpc,
  type WatchSubscribersResponse,
} from '../src/index.ts';
import { clock, openLink, unhurried, until } from './loopback.ts';
import { noAuthCalls } from './no-auth-calls.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const heartbeat: WatchSubscribersResponse = { event: { $case: 'heartbeat', value: {} } };

async function startAuth(calls: Partial<AuthCalls>) {
  const server = await serveGrpc('127.0.0.1:0', [authService({ ...noAuthCalls, ...calls })], { clock });
  const link = await openLink('127.0.0.1', 0, server.port);
  const client = connectAuth(`127.0.0.1:${link.port}`, { clock });
  closers.push(() => server.drain(0), link.cut, client.close);
  await client.whenReady(2000);
  return { server, client, link };
}

describe('unary call', () => {
  it('carries request, response, time left and trace context', async () => {
    const seen: unknown[] = [];
    const { client } = await startAuth({
      useNonce: async (request, { timeoutMs, traceparent }) => {
        seen.push(request, timeoutMs > 0 && timeoutMs <= 300, traceparent);
        return { fresh: true };
      },
    });
    const request = { nonce: 'n', nc: 7, requestKey: 'k' };
    const response = await client.useNonce(request, { timeoutMs: 300, traceparent: '00-aa-bb-01' });
    expect(response).toEqual({ fresh: true });
    expect(seen).toEqual([request, true, '00-aa-bb-01']);
  });

  it('carries a fault with its reason and when to try again', async () => {
    const { client } = await startAuth({
      reportFailure: () => {
        throw new ServiceFault(GrpcCode.UNAVAILABLE, 'STORE_UNAVAILABLE', 'Redis is away', {
          retryAfterMs: 1500,
        });
      },
    });
    await expect(
      client.reportFailure({ realm: 'r', username: 'u', source: '192.0.2.1' }, unhurried),
    ).rejects.toMatchObject({ code: GrpcCode.UNAVAILABLE, reason: 'STORE_UNAVAILABLE', retryAfterMs: 1500 });
  });

  it('says nothing of an unexpected exception', async () => {
    const { client } = await startAuth({ useNonce: () => Promise.reject(new Error('hunter2')) });
    const failing = client.useNonce({ nonce: 'n', nc: 1, requestKey: 'k' }, unhurried);
    await expect(failing).rejects.toMatchObject({ code: GrpcCode.INTERNAL, reason: 'INTERNAL' });
    await expect(failing).rejects.not.toThrow(/hunter2/);
  });

  it('ends at its deadline', async () => {
    const { client } = await startAuth({ useNonce: () => new Promise(() => undefined) });
    await expect(
      client.useNonce({ nonce: 'n', nc: 1, requestKey: 'k' }, { timeoutMs: 60, traceparent: '' }),
    ).rejects.toMatchObject({ code: GrpcCode.DEADLINE_EXCEEDED, reason: 'DEADLINE_EXCEEDED' });
  });

  it('fails fast where nobody answers', async () => {
    const { client, link } = await startAuth({});
    link.cut();
    await until(() => !client.ready());
    await expect(client.useNonce({ nonce: 'n', nc: 1, requestKey: 'k' }, unhurried)).rejects.toMatchObject({
      code: GrpcCode.UNAVAILABLE,
      reason: 'BACKEND_UNAVAILABLE',
    });
  });
});

describe('a unary call whose connection breaks', () => {
  it('is tried once more, at another backend', async () => {
    const asked: string[] = [];
    const hang = (): Promise<never> => {
      asked.push('one');
      return new Promise(() => undefined);
    };
    const answer = () => {
      asked.push('two');
      return Promise.resolve({ fresh: true });
    };
    const one = await serveGrpc('127.0.0.1:0', [authService({ ...noAuthCalls, useNonce: hang })], { clock });
    const two = await serveGrpc('127.0.0.1:0', [authService({ ...noAuthCalls, useNonce: answer })], {
      clock,
    });
    const first = await openLink('127.0.0.1', 0, one.port);
    const client = connectAuth(`dns:///auth.test:${first.port}`, {
      clock,
      resolve: () => Promise.resolve(['127.0.0.1', '127.0.0.2']),
    });
    closers.push(
      () => one.drain(0),
      () => two.drain(0),
      first.cut,
      client.close,
    );
    await client.whenReady(2000);
    const result = client.useNonce({ nonce: 'n', nc: 1, requestKey: 'k' }, unhurried);
    await until(() => asked.length === 1);
    const second = await openLink('127.0.0.2', first.port, two.port);
    closers.push(second.cut);
    first.cut();
    expect(await result).toEqual({ fresh: true });
    expect(asked).toEqual(['one', 'two']);
  });
});

describe('watchSubscribers', () => {
  /** An auth whose watches the test holds in its hand. */
  async function startWatched() {
    const sinks: SubscribersSink[] = [];
    let cancelled = 0;
    const started = await startAuth({
      watchSubscribers: (_watcher, sink) => {
        sinks.push(sink);
        return { cancel: () => (cancelled += 1) };
      },
    });
    return { ...started, sinks, cancelled: () => cancelled };
  }

  function recorder() {
    const events: WatchSubscribersResponse[] = [];
    const ends: string[] = [];
    return {
      events,
      ends,
      onEvent: (event: WatchSubscribersResponse) => events.push(event),
      onEnd: () => ends.push('end'),
    };
  }

  it('tells each event in order, and the end once', async () => {
    const { client, sinks } = await startWatched();
    const seen = recorder();
    client.watchSubscribers('registrar-1', seen);
    await until(() => sinks.length === 1);
    sinks[0]?.onEvent({ event: { $case: 'invalidated', value: { subscribers: [] } } });
    sinks[0]?.onEvent(heartbeat);
    await until(() => seen.events.length === 2);
    expect(seen.events.map(({ event }) => event?.$case)).toEqual(['invalidated', 'heartbeat']);
    sinks[0]?.onEnd();
    sinks[0]?.onEnd();
    await until(() => seen.ends.length > 0);
    expect(seen.ends).toEqual(['end']);
  });

  it('ends once where the connection breaks, and the server learns of it', async () => {
    const { client, sinks, link, cancelled } = await startWatched();
    const seen = recorder();
    client.watchSubscribers('registrar-1', seen);
    await until(() => sinks.length === 1);
    link.cut();
    await until(() => seen.ends.length > 0 && cancelled() > 0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen.ends).toEqual(['end']);
    expect(cancelled()).toBe(1);
  });

  it('tells nothing after cancel', async () => {
    const { client, sinks, cancelled } = await startWatched();
    const seen = recorder();
    const watch = client.watchSubscribers('registrar-1', seen);
    await until(() => sinks.length === 1);
    watch.cancel();
    await until(() => cancelled() === 1);
    sinks[0]?.onEvent(heartbeat);
    expect(seen.events).toEqual([]);
    expect(seen.ends).toEqual([]);
  });

  it('ends when the server drains', async () => {
    const { client, sinks, server } = await startWatched();
    const seen = recorder();
    client.watchSubscribers('registrar-1', seen);
    await until(() => sinks.length === 1);
    await server.drain(2000);
    await until(() => seen.ends.length > 0);
    expect(seen.ends).toEqual(['end']);
  });

  it('ends at once, but not within the call, where nobody is connected', async () => {
    const client = connectAuth('127.0.0.1:1', { clock });
    closers.push(client.close);
    const seen = recorder();
    client.watchSubscribers('registrar-1', seen);
    expect(seen.ends).toEqual([]);
    await until(() => seen.ends.length > 0);
  });
});

describe('health', () => {
  it('says SERVING when told so, NOT_SERVING before and while draining', async () => {
    const { server } = await startAuth({});
    const probe = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
    closers.push(() => probe.close());
    const check = healthService.Check;
    const ask = (service: string) =>
      new Promise<unknown>((resolve, reject) => {
        if (check === undefined) throw new Error('no Check in the health service');
        probe.makeUnaryRequest(
          check.path,
          check.requestSerialize,
          check.responseDeserialize,
          { service },
          new Metadata(),
          { deadline: Date.now() + 2000 },
          (error, response) => (error === null ? resolve(response) : reject(error)),
        );
      });
    expect(await ask('')).toMatchObject({ status: 'NOT_SERVING' });
    server.setServing(true);
    expect(await ask('')).toMatchObject({ status: 'SERVING' });
    expect(await ask('rollcall.auth.v1.AuthService')).toMatchObject({ status: 'SERVING' });
    server.setServing(false);
    expect(await ask('rollcall.auth.v1.AuthService')).toMatchObject({ status: 'NOT_SERVING' });
  });
});
