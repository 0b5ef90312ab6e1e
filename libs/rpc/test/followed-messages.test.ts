import { afterEach, expect, it } from 'vitest';
import {
  authService,
  type ClientObserver,
  connectAuth,
  connectRedirect,
  type MethodName,
  type ServerObserver,
  serveGrpc,
} from '../src/index.ts';
import { silentClient, silentServer } from '../src/observer.ts';
import { clock, requestFor, startServer, unhurried, until } from './loopback.ts';
import { noAuthCalls } from './no-auth-calls.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Says what happened on one side, in order. */
function follow() {
  const seen: string[] = [];
  const note = (what: string) => (method: MethodName) => void seen.push(`${method.name} ${what}`);
  const both = { onStarted: note('started'), onSent: note('sent'), onReceived: note('received') };
  const onHandled = (method: MethodName, code: number) => void seen.push(`${method.name} ended ${code}`);
  const client: ClientObserver = { ...silentClient, ...both, onHandled };
  const server: ServerObserver = { ...silentServer, ...both, onHandled };
  return { seen, client, server };
}

it('counts a batch as one message in each direction, on both sides', async () => {
  const [near, far] = [follow(), follow()];
  const { server } = await startServer('one', { observer: far.server });
  const client = connectRedirect(`127.0.0.1:${server.port}`, { clock, observer: near.client });
  closers.push(() => server.drain(0), client.close);
  await client.whenReady(2000);
  await Promise.all(['a', 'b'].map((uri) => client.resolve(requestFor(uri), unhurried)));
  const messages = ({ seen }: { seen: string[] }) => seen.filter((each) => /sent|received/.test(each));
  expect(messages(near)).toEqual(['ResolveBatches sent', 'ResolveBatches received']);
  expect(messages(far)).toEqual(['ResolveBatches received', 'ResolveBatches sent']);
});

it('counts the messages of unary calls and of streams, and how a stream ended', async () => {
  const [near, far] = [follow(), follow()];
  const calls = {
    ...noAuthCalls,
    useNonce: async () => ({ fresh: true }),
    watchSubscribers: (_watcher: string, sink: Parameters<typeof noAuthCalls.watchSubscribers>[1]) => {
      setImmediate(() => sink.onEvent({ event: undefined }));
      return { cancel: () => undefined };
    },
  };
  const server = await serveGrpc('127.0.0.1:0', [authService(calls)], { clock, observer: far.server });
  const client = connectAuth(`127.0.0.1:${server.port}`, { clock, observer: near.client });
  closers.push(() => server.drain(0), client.close);
  await client.whenReady(2000);

  await client.useNonce({ nonce: 'n', nc: 1, requestKey: '' } as never, unhurried);
  expect(near.seen).toEqual(['UseNonce started', 'UseNonce sent', 'UseNonce received', 'UseNonce ended 0']);
  expect(far.seen).toEqual(['UseNonce started', 'UseNonce received', 'UseNonce sent', 'UseNonce ended 0']);

  let events = 0;
  const watch = client.watchSubscribers('registrar-1', {
    onEvent: () => {
      events += 1;
    },
    onEnd: () => undefined,
  });
  await until(() => events === 1);
  watch.cancel();
  await until(() => far.seen.includes('WatchSubscribers ended 1'));
  const name = 'WatchSubscribers';
  expect(near.seen.slice(4)).toEqual([
    `${name} started`,
    `${name} sent`,
    `${name} received`,
    `${name} ended 1`,
  ]);
  expect(far.seen.slice(4)).toEqual([
    `${name} started`,
    `${name} received`,
    `${name} sent`,
    `${name} ended 1`,
  ]);
});

it('says how many channels are in which state: connected, and one whose address nobody answers', async () => {
  const { server } = await startServer('one');
  const current = ['127.0.0.1'];
  const client = connectRedirect(`somewhere:${server.port}`, {
    clock,
    resolve: async () => current,
    resolveEveryMs: 20,
  });
  closers.push(() => server.drain(0), client.close);
  expect(client.subchannels()).toEqual({ ready: 0, connecting: 0, transient_failure: 0, idle: 0 });
  await client.whenReady(2000);
  expect(client.subchannels()).toEqual({ ready: 1, connecting: 0, transient_failure: 0, idle: 0 });
  current.push('127.0.0.9');
  await until(() => client.subchannels().transient_failure === 1);
  expect(client.subchannels().ready).toBe(1);
  current.pop();
  await until(() => Object.values(client.subchannels()).reduce((sum, count) => sum + count) === 1);
});
