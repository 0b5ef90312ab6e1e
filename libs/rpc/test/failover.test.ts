import { afterEach, describe, expect, it } from 'vitest';
import { connectRedirect, GrpcCode } from '../src/index.ts';
import { silentClient } from '../src/observer.ts';
import {
  answerFrom,
  clock,
  gate,
  giverOf,
  openLink,
  requestFor,
  startServer,
  unhurried,
  until,
} from './loopback.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const hurried = { timeoutMs: 50, traceparent: '' };

type Resolve = NonNullable<Parameters<typeof startServer>[1]>['resolve'];

/** A server behind a link on its own loopback address; all links share a port, as pods of one service do. */
async function startBackend(name: string, host: string, port: number, resolve?: Resolve) {
  const started = await startServer(name, resolve === undefined ? {} : { resolve });
  const link = await openLink(host, port, started.server.port);
  closers.push(() => started.server.drain(0), link.cut);
  return { ...started, link };
}

/** A client of a target whose addresses the test decides. */
function connectTo(port: number, hosts: { current: readonly string[] }) {
  const client = connectRedirect(`dns:///backends.test:${port}`, {
    clock,
    resolve: () => Promise.resolve(hosts.current),
    resolveEveryMs: 20,
  });
  closers.push(client.close);
  return client;
}

async function askUntilAnsweredBy(client: ReturnType<typeof connectRedirect>, name: string): Promise<void> {
  let giver = '';
  while (giver !== name) giver = await client.resolve(requestFor('x'), hurried).then(giverOf, () => '');
}

describe('several backends', () => {
  it('spreads turns over all of them', async () => {
    const one = await startBackend('one', '127.0.0.1', 0);
    const two = await startBackend('two', '127.0.0.2', one.link.port);
    const client = connectTo(one.link.port, { current: ['127.0.0.1', '127.0.0.2'] });
    await askUntilAnsweredBy(client, 'one');
    await askUntilAnsweredBy(client, 'two');
    const before = [one.asked.length, two.asked.length];
    for (let turn = 0; turn < 20; turn += 1) await client.resolve(requestFor('x'), unhurried);
    expect([one.asked.length - (before[0] ?? 0), two.asked.length - (before[1] ?? 0)]).toEqual([10, 10]);
  });

  it('gives traffic to a backend that appears', async () => {
    const one = await startBackend('one', '127.0.0.1', 0);
    const hosts = { current: ['127.0.0.1'] };
    const client = connectTo(one.link.port, hosts);
    await askUntilAnsweredBy(client, 'one');
    await startBackend('two', '127.0.0.2', one.link.port);
    hosts.current = ['127.0.0.1', '127.0.0.2'];
    await askUntilAnsweredBy(client, 'two');
  });

  it('gives no more traffic to a backend that left the name, and loses nothing in flight on it', async () => {
    const slow = gate();
    const one = await startBackend('one', '127.0.0.1', 0, () => slow.opened.then(() => answerFrom('one')));
    const hosts: { current: readonly string[] } = { current: ['127.0.0.1'] };
    const client = connectTo(one.link.port, hosts);
    await client.whenReady(2000);
    const inFlight = client.resolve(requestFor('in flight'), unhurried);
    await until(() => one.asked.length === 1);
    await startBackend('two', '127.0.0.2', one.link.port);
    hosts.current = ['127.0.0.2'];
    await askUntilAnsweredBy(client, 'two');
    for (let turn = 0; turn < 10; turn += 1) {
      expect(giverOf(await client.resolve(requestFor('x'), unhurried))).toBe('two');
    }
    slow.open();
    expect(giverOf(await inFlight)).toBe('one');
  });

  it('prefers another backend to one that does not answer', async () => {
    const stalled = gate();
    const one = await startBackend('one', '127.0.0.1', 0, () => stalled.opened.then(() => answerFrom('one')));
    await startBackend('two', '127.0.0.2', one.link.port);
    const client = connectTo(one.link.port, { current: ['127.0.0.1', '127.0.0.2'] });
    await askUntilAnsweredBy(client, 'two');
    while (one.asked.length === 0) await client.resolve(requestFor('x'), hurried).catch(() => undefined);
    for (let turn = 0; turn < 10; turn += 1) {
      expect(giverOf(await client.resolve(requestFor('x'), unhurried))).toBe('two');
    }
    stalled.open();
    await askUntilAnsweredBy(client, 'one');
  });
});

describe('a broken connection', () => {
  it('sends the items in flight once more, to another backend', async () => {
    const never = new Promise<never>(() => undefined);
    const one = await startBackend('one', '127.0.0.1', 0, () => never);
    const client = connectTo(one.link.port, { current: ['127.0.0.1', '127.0.0.2'] });
    await client.whenReady(2000);
    const results = ['a', 'b', 'c'].map((uri) => client.resolve(requestFor(uri), unhurried));
    await until(() => one.asked.length === 3);
    const two = await startBackend('two', '127.0.0.2', one.link.port);
    one.link.cut();
    expect((await Promise.all(results)).map(giverOf)).toEqual(['two', 'two', 'two']);
    expect(two.asked).toEqual(['a', 'b', 'c']);
  });

  it('sends an item twice at most', async () => {
    const never = new Promise<never>(() => undefined);
    const one = await startBackend('one', '127.0.0.1', 0, () => never);
    const two = await startBackend('two', '127.0.0.2', one.link.port, () => never);
    const three = await startBackend('three', '127.0.0.3', one.link.port);
    const hosts: { current: readonly string[] } = { current: ['127.0.0.1'] };
    const client = connectTo(one.link.port, hosts);
    await client.whenReady(2000);
    const result = client.resolve(requestFor('x'), unhurried);
    result.catch(() => undefined);
    await until(() => one.asked.length === 1);
    hosts.current = ['127.0.0.2'];
    one.link.cut();
    await until(() => two.asked.length === 1);
    hosts.current = ['127.0.0.3'];
    two.link.cut();
    await expect(result).rejects.toMatchObject({ code: GrpcCode.UNAVAILABLE, reason: 'BACKEND_UNAVAILABLE' });
    expect(three.asked).toEqual([]);
  });

  it('fails fast where nobody is left, and at once later on', async () => {
    const one = await startBackend('one', '127.0.0.1', 0);
    const client = connectTo(one.link.port, { current: ['127.0.0.1'] });
    await askUntilAnsweredBy(client, 'one');
    one.link.cut();
    const cutAtMs = Date.now();
    await expect(client.resolve(requestFor('x'), unhurried)).rejects.toMatchObject({
      code: GrpcCode.UNAVAILABLE,
      reason: 'BACKEND_UNAVAILABLE',
      retryAfterMs: 1000,
    });
    expect(Date.now() - cutAtMs).toBeLessThan(1000);
    expect(client.ready()).toBe(false);
    const laterMs = Date.now();
    await expect(client.resolve(requestFor('x'), unhurried)).rejects.toMatchObject({
      reason: 'BACKEND_UNAVAILABLE',
    });
    expect(Date.now() - laterMs).toBeLessThan(100);
  });

  it('is used again once the backend is back', async () => {
    const one = await startBackend('one', '127.0.0.1', 0);
    const client = connectTo(one.link.port, { current: ['127.0.0.1'] });
    await askUntilAnsweredBy(client, 'one');
    one.link.cut();
    await until(() => !client.ready());
    const link = await openLink('127.0.0.1', one.link.port, one.server.port);
    closers.push(link.cut);
    await client.whenReady(5000);
    expect(giverOf(await client.resolve(requestFor('x'), unhurried))).toBe('one');
  });

  it('fails the items in flight when the client itself is closed', async () => {
    const one = await startBackend('one', '127.0.0.1', 0, () => new Promise<never>(() => undefined));
    const client = connectTo(one.link.port, { current: ['127.0.0.1'] });
    await client.whenReady(2000);
    const result = client.resolve(requestFor('x'), unhurried);
    result.catch(() => undefined);
    await until(() => one.asked.length === 1);
    client.close();
    await expect(result).rejects.toMatchObject({ reason: 'CONNECTION_CLOSED' });
    await expect(client.resolve(requestFor('x'), unhurried)).rejects.toMatchObject({
      reason: 'CONNECTION_CLOSED',
    });
  });

  it('says so where no backend ever was', async () => {
    const client = connectTo(1, { current: [] });
    await expect(client.resolve(requestFor('x'), unhurried)).rejects.toMatchObject({
      reason: 'BACKEND_UNAVAILABLE',
    });
    await expect(client.whenReady(20)).rejects.toMatchObject({ reason: 'BACKEND_UNAVAILABLE' });
  });
});

describe('draining', () => {
  it('loses nothing under constant traffic while one of two backends drains and goes', async () => {
    const one = await startBackend('one', '127.0.0.1', 0);
    await startBackend('two', '127.0.0.2', one.link.port);
    const client = connectTo(one.link.port, { current: ['127.0.0.1', '127.0.0.2'] });
    await askUntilAnsweredBy(client, 'one');
    await askUntilAnsweredBy(client, 'two');
    let drained = false;
    const draining = one.server.drain(5000).then(() => {
      drained = true;
    });
    const givers: string[] = [];
    while (!drained) givers.push(giverOf(await client.resolve(requestFor('x'), unhurried)));
    await draining;
    expect(givers.at(-1)).toBe('two');
  });

  it('finishes what is in flight before it goes', async () => {
    const slow = gate();
    const one = await startBackend('one', '127.0.0.1', 0, () => slow.opened.then(() => answerFrom('one')));
    const client = connectTo(one.link.port, { current: ['127.0.0.1'] });
    await client.whenReady(2000);
    const inFlight = client.resolve(requestFor('x'), unhurried);
    await until(() => one.asked.length === 1);
    const draining = one.server.drain(5000);
    slow.open();
    expect(giverOf(await inFlight)).toBe('one');
    await draining;
  });

  it('still serves where there is no other backend', async () => {
    const one = await startBackend('one', '127.0.0.1', 0);
    const client = connectTo(one.link.port, { current: ['127.0.0.1'] });
    await askUntilAnsweredBy(client, 'one');
    const draining = one.server.drain(5000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(giverOf(await client.resolve(requestFor('x'), unhurried))).toBe('one');
    await draining;
  });

  it('ends in time though items hang', async () => {
    const one = await startBackend('one', '127.0.0.1', 0, () => new Promise<never>(() => undefined));
    const client = connectTo(one.link.port, { current: ['127.0.0.1'] });
    await client.whenReady(2000);
    const hanging = client.resolve(requestFor('x'), unhurried);
    hanging.catch(() => undefined);
    await until(() => one.asked.length === 1);
    const startedAtMs = Date.now();
    await one.server.drain(200);
    expect(Date.now() - startedAtMs).toBeLessThan(1000);
    await expect(hanging).rejects.toMatchObject({ reason: 'BACKEND_UNAVAILABLE' });
  });

  it('moves to a new connection when the old one has reached its age, before it breaks', async () => {
    const { server } = await startServer('one', { connectionAge: { maxMs: 150, graceMs: 100 } });
    const link = await openLink('127.0.0.1', 0, server.port);
    let retries = 0;
    const client = connectRedirect(`127.0.0.1:${link.port}`, {
      clock,
      observer: { ...silentClient, onRetry: () => (retries += 1) },
    });
    closers.push(() => server.drain(0), link.cut, client.close);
    await client.whenReady(2000);
    while (link.accepted() < 4) {
      expect(giverOf(await client.resolve(requestFor('x'), unhurried))).toBe('one');
    }
    expect(retries).toBe(0);
  });
});
