import { afterEach, describe, expect, it } from 'vitest';
import { authService, connectAuth, connectRedirect, type SubscribersSink, serveGrpc } from '../src/index.ts';
import { clock, giverOf, openLink, requestFor, startServer, until } from './loopback.ts';
import { noAuthCalls } from './no-auth-calls.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const patient = { timeoutMs: 20_000, traceparent: '' };

async function startLinked(answerBytes: number) {
  const text = 'x'.repeat(answerBytes);
  const { server, asked } = await startServer('one', {
    resolve: async () => ({
      outcome: {
        $case: 'refused',
        value: { status: 480, reasonPhrase: text, retryAfterSec: 0, warning: '' },
      },
    }),
  });
  const link = await openLink('127.0.0.1', 0, server.port);
  const client = connectRedirect(`127.0.0.1:${link.port}`, { clock });
  closers.push(() => server.drain(0), link.cut, client.close);
  await client.whenReady(2000);
  return { asked, link, client };
}

describe('a connection that carries nothing for a while', () => {
  it('holds requests back, and loses none', async () => {
    const { asked, link, client } = await startLinked(1);
    link.pause();
    const uri = 'y'.repeat(100_000);
    const results: Promise<unknown>[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      for (let each = 0; each < 10; each += 1) results.push(client.resolve(requestFor(uri), patient));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(asked).toEqual([]);
    link.resume();
    await Promise.all(results);
    expect(asked).toHaveLength(200);
  });

  it('ends what waits to be sent at its deadline', async () => {
    const { asked, link, client } = await startLinked(1);
    link.pause();
    const uri = 'y'.repeat(100_000);
    // More than all buffers on the way hold: those of the kernel grow to some 10 MB on each side.
    const turns = 100;
    const results: Promise<unknown>[] = [];
    for (let turn = 0; turn < turns; turn += 1) {
      for (let each = 0; each < 10; each += 1) {
        const call = client.resolve(requestFor(uri), { timeoutMs: 100, traceparent: '' });
        // Looked at at once: on a busy machine some end before the last is made.
        results.push(
          call.then(
            () => 'answered',
            (fault: unknown) => fault,
          ),
        );
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const each of await Promise.all(results))
      expect(each).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
    link.resume();
    expect(giverOf(await client.resolve(requestFor('after'), patient))).toBe('x');
    expect(asked.length).toBeLessThan(turns * 10);
  });

  it('holds results back, and loses none', async () => {
    const { asked, link, client } = await startLinked(100_000);
    const results: Promise<unknown>[] = [];
    for (let turn = 0; turn < 20; turn += 1) {
      for (let each = 0; each < 10; each += 1) results.push(client.resolve(requestFor('x'), patient));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => asked.length > 0);
    link.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    link.resume();
    await Promise.all(results);
    expect(asked).toHaveLength(200);
  });

  it('ends a watch whose reader is too slow', async () => {
    const sinks: SubscribersSink[] = [];
    let cancelled = 0;
    const calls = {
      ...noAuthCalls,
      watchSubscribers: (_watcher: string, sink: SubscribersSink) => {
        sinks.push(sink);
        return { cancel: () => (cancelled += 1) };
      },
    };
    const server = await serveGrpc('127.0.0.1:0', [authService(calls)], { clock });
    const link = await openLink('127.0.0.1', 0, server.port);
    const client = connectAuth(`127.0.0.1:${link.port}`, { clock });
    closers.push(() => server.drain(0), link.cut, client.close);
    await client.whenReady(2000);
    let events = 0;
    const ended = new Promise<void>((resolve) => {
      client.watchSubscribers('registrar-1', { onEvent: () => (events += 1), onEnd: resolve });
    });
    await until(() => sinks.length === 1);
    link.pause();
    const subscribers = [{ realm: 'example.com', username: 'z'.repeat(20_000) }];
    while (cancelled === 0) {
      sinks[0]?.onEvent({ event: { $case: 'invalidated', value: { subscribers } } });
    }
    link.resume();
    await ended;
    expect(cancelled).toBe(1);
    expect(events).toBeLessThan(3000);
  });
});
