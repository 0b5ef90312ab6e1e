import { afterEach, describe, expect, it } from 'vitest';
import {
  type ConnectOptions,
  connectRedirect,
  GrpcCode,
  type ServeOptions,
  ServiceFault,
} from '../src/index.ts';
import { limits } from '../src/limits.ts';
import { silentServer } from '../src/observer.ts';
import { answerFrom, clock, gate, giverOf, requestFor, startServer, unhurried, until } from './loopback.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function connected(
  options: Parameters<typeof startServer>[1] = {},
  connectOptions: Partial<ConnectOptions> = {},
) {
  const started = await startServer('one', options);
  const client = connectRedirect(`127.0.0.1:${started.server.port}`, { clock, ...connectOptions });
  closers.push(() => started.server.drain(0), client.close);
  await client.whenReady(2000);
  return { ...started, client };
}

function countingBatches(batches: number[]): ServeOptions['observer'] & object {
  return { ...silentServer, onBatch: (_method, items) => batches.push(items) };
}

describe('batched stream', () => {
  it('sends all items of one turn of the event loop as one message', async () => {
    const batches: number[] = [];
    const { client } = await connected({ observer: countingBatches(batches) });
    await Promise.all(['a', 'b', 'c'].map((uri) => client.resolve(requestFor(uri), unhurried)));
    expect(batches).toEqual([3]);
  });

  it('lets items of later turns wait for each other while an answer is under way, and never longer than the pace', async () => {
    const batches: number[] = [];
    const slow = gate();
    const beats: { delayMs: number; run: () => void }[] = [];
    const stopped = {
      nowMs: () => 1_000_000,
      after: (delayMs: number, run: () => void) => {
        const beat = { delayMs, run };
        if (delayMs <= limits.paceMs) beats.push(beat);
        return { cancel: () => undefined };
      },
    };
    const { client, asked } = await connected(
      { observer: countingBatches(batches), resolve: () => slow.opened.then(() => answerFrom('one')) },
      { clock: stopped },
    );
    const results = [client.resolve(requestFor('first'), unhurried)];
    await until(() => asked.length === 1);
    for (const uri of ['a', 'b', 'c']) {
      results.push(client.resolve(requestFor(uri), unhurried));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(beats.map(({ delayMs }) => delayMs)).toEqual([limits.paceMs]);
    expect(asked).toEqual(['first']);
    beats[0]?.run();
    await until(() => asked.length === 4);
    expect(batches).toEqual([1, 3]);
    slow.open();
    await Promise.all(results);
  });

  it('keeps nobody waiting while no answer is under way, nor for a full message', async () => {
    const batches: number[] = [];
    const never = gate();
    const stopped = { nowMs: () => 1_000_000, after: () => ({ cancel: () => undefined }) };
    const { client, asked } = await connected(
      {
        observer: countingBatches(batches),
        resolve: ({ requestUri }) =>
          (requestUri === 'slow' ? never.opened : Promise.resolve()).then(() => answerFrom('one')),
      },
      { clock: stopped },
    );
    for (let turn = 0; turn < 3; turn += 1) await client.resolve(requestFor('x'), unhurried);
    expect(batches).toEqual([1, 1, 1]);
    const slow = client.resolve(requestFor('slow'), unhurried);
    await until(() => asked.length === 4);
    const full = Array.from({ length: 128 }, () => client.resolve(requestFor('y'), unhurried));
    await Promise.all(full);
    expect(batches).toEqual([1, 1, 1, 1, 128]);
    never.open();
    await slow;
  });

  it('returns the results of one turn as one message', async () => {
    const all = gate();
    const { client } = await connected({ resolve: () => all.opened.then(() => answerFrom('one')) });
    const results = ['a', 'b', 'c'].map((uri) => client.resolve(requestFor(uri), unhurried));
    all.open();
    expect((await Promise.all(results)).map(giverOf)).toEqual(['one', 'one', 'one']);
  });

  it('splits a turn with more items than a message may have', async () => {
    const batches: number[] = [];
    const { client } = await connected({ observer: countingBatches(batches) });
    const requests = Array.from({ length: 300 }, (_, index) =>
      client.resolve(requestFor(`${index}`), unhurried),
    );
    await Promise.all(requests);
    expect(batches).toEqual([128, 128, 44]);
  });

  it('splits a batch with more bytes than a message may have', async () => {
    const batches: number[] = [];
    const { client, asked } = await connected({ observer: countingBatches(batches) });
    const large = 'x'.repeat(400_000);
    await Promise.all([1, 2, 3, 4].map((each) => client.resolve(requestFor(large + each), unhurried)));
    expect(batches).toEqual([2, 2]);
    expect(asked.map((uri) => uri.at(-1))).toEqual(['1', '2', '3', '4']);
  });

  it('answers items in whatever order they are done', async () => {
    const slow = gate();
    const { client } = await connected({
      resolve: async ({ requestUri }) => {
        if (requestUri === 'slow') await slow.opened;
        return answerFrom(requestUri);
      },
    });
    const late = client.resolve(requestFor('slow'), unhurried);
    expect(giverOf(await client.resolve(requestFor('quick'), unhurried))).toBe('quick');
    slow.open();
    expect(giverOf(await late)).toBe('slow');
  });

  it('fails one bad item, not its batch, and keeps the reason of a ServiceFault', async () => {
    const { client } = await connected({
      resolve: async ({ requestUri }) => {
        if (requestUri === 'bad') {
          throw new ServiceFault(GrpcCode.UNAVAILABLE, 'STORE_UNAVAILABLE', 'Redis is away', {
            retryAfterMs: 700,
          });
        }
        return answerFrom('one');
      },
    });
    const [good, bad] = await Promise.allSettled([
      client.resolve(requestFor('good'), unhurried),
      client.resolve(requestFor('bad'), unhurried),
    ]);
    expect(good.status).toBe('fulfilled');
    expect(bad).toMatchObject({
      status: 'rejected',
      reason: {
        code: GrpcCode.UNAVAILABLE,
        reason: 'STORE_UNAVAILABLE',
        message: 'Redis is away',
        retryAfterMs: 700,
      },
    });
  });

  it('tells the log, not the caller, what an unexpected exception was', async () => {
    const errors: unknown[] = [];
    const { client } = await connected({
      observer: { ...silentServer, onError: (_method, error) => errors.push(error) },
      resolve: () => Promise.reject(new TypeError('password is hunter2')),
    });
    const failing = client.resolve(requestFor('x'), unhurried);
    await expect(failing).rejects.toMatchObject({ code: GrpcCode.INTERNAL, reason: 'INTERNAL' });
    await expect(failing).rejects.not.toThrow(/hunter2/);
    expect(errors).toEqual([new TypeError('password is hunter2')]);
  });

  it('refuses an item that cannot be encoded, and sends the others', async () => {
    const { client } = await connected();
    const wrong = {
      ...requestFor('x'),
      flow: { edge: '', token: '', transport: 1.5 as 1, localAddress: '', remoteAddress: '' },
    };
    const [bad, good] = await Promise.allSettled([
      client.resolve(wrong, unhurried),
      client.resolve(requestFor('good'), unhurried),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { reason: 'INVALID_REQUEST' } });
    expect(good.status).toBe('fulfilled');
  });

  it('turns a response that cannot be encoded into a fault of that item', async () => {
    const { client } = await connected({
      resolve: async ({ requestUri }) => ({
        outcome: {
          $case: 'refused',
          value: {
            status: requestUri === 'bad' ? -1 : 480,
            reasonPhrase: 'one',
            retryAfterSec: 0,
            warning: '',
          },
        },
      }),
    });
    const [bad, good] = await Promise.allSettled([
      client.resolve(requestFor('bad'), unhurried),
      client.resolve(requestFor('good'), unhurried),
    ]);
    expect(bad).toMatchObject({ status: 'rejected', reason: { reason: 'INTERNAL' } });
    expect(good.status).toBe('fulfilled');
  });

  it('carries the time left and the trace context of each item', async () => {
    const seen: unknown[] = [];
    const { client } = await connected({
      resolve: async (_request, { timeoutMs, traceparent }) => {
        seen.push({ inTime: timeoutMs > 0 && timeoutMs <= 400, traceparent });
        return answerFrom('one');
      },
    });
    await client.resolve(requestFor('x'), { timeoutMs: 400, traceparent: '00-aa-bb-01' });
    expect(seen).toEqual([{ inTime: true, traceparent: '00-aa-bb-01' }]);
  });

  it('ends an item at its deadline where the server does not', async () => {
    const { client } = await connected({ resolve: () => new Promise(() => undefined) });
    const startedAtMs = Date.now();
    const late = client.resolve(requestFor('x'), { timeoutMs: 80, traceparent: '' });
    await expect(late).rejects.toMatchObject({
      code: GrpcCode.DEADLINE_EXCEEDED,
      reason: 'DEADLINE_EXCEEDED',
    });
    expect(Date.now() - startedAtMs).toBeGreaterThanOrEqual(80);
  });

  it('ignores a result that comes after its deadline', async () => {
    const slow = gate();
    const { client } = await connected({
      resolve: ({ requestUri }) =>
        requestUri === 'slow'
          ? slow.opened.then(() => answerFrom('late'))
          : Promise.resolve(answerFrom('one')),
    });
    await expect(client.resolve(requestFor('slow'), { timeoutMs: 40, traceparent: '' })).rejects.toThrow();
    slow.open();
    expect(giverOf(await client.resolve(requestFor('next'), unhurried))).toBe('one');
  });

  it('refuses at once what is more than may be in flight', async () => {
    const all = gate();
    const { client } = await connected(
      { resolve: () => all.opened.then(() => answerFrom('one')) },
      { maxInFlight: 2 },
    );
    const accepted = [client.resolve(requestFor('a'), unhurried), client.resolve(requestFor('b'), unhurried)];
    await expect(client.resolve(requestFor('c'), unhurried)).rejects.toMatchObject({
      code: GrpcCode.RESOURCE_EXHAUSTED,
      reason: 'OVERLOADED',
      retryAfterMs: 1000,
    });
    all.open();
    await Promise.all(accepted);
  });

  it('is refused by a server that has as many items in flight as it takes', async () => {
    const all = gate();
    const { client } = await connected({
      maxInFlight: 2,
      resolve: () => all.opened.then(() => answerFrom('one')),
    });
    const results = ['a', 'b', 'c'].map((uri) => client.resolve(requestFor(uri), unhurried));
    await expect(results[2]).rejects.toMatchObject({ reason: 'OVERLOADED' });
    all.open();
    await Promise.all(results.slice(0, 2));
  });
});
