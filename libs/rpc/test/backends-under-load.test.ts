import { afterEach, describe, expect, it } from 'vitest';
import { connectRedirect, type RedirectCalls } from '../src/index.ts';
import { silentClient } from '../src/observer.ts';
import { answerFrom, clock, giverOf, openLink, requestFor, startServer } from './loopback.ts';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** As long as an edge gives a registrar. */
const context = { timeoutMs: 5000, traceparent: '' };
/** Items begun in each turn of the load. */
const perTurn = 8;
/** How long a handler takes, as one that waits for a store does: so a kill always meets items under way. */
const handlingMs = 5;
/** A new pod has work within ten seconds. */
const busyWithinMs = 10_000;

/** Backends behind one name: all share a port, as the pods of a service do, each on a loopback address of its own. */
async function openService() {
  /** How often each item was given to a handler. */
  const handled = new Map<string, number>();
  const hosts: { current: string[] } = { current: [] };
  let port = 0;
  const add = async (name: string) => {
    const asked: string[] = [];
    const resolve: RedirectCalls['resolve'] = async ({ requestUri }) => {
      asked.push(requestUri);
      handled.set(requestUri, (handled.get(requestUri) ?? 0) + 1);
      await new Promise((done) => setTimeout(done, handlingMs));
      return answerFrom(name);
    };
    const { server } = await startServer(name, { resolve });
    const host = `127.0.0.${hosts.current.length + 1}`;
    const link = await openLink(host, port, server.port);
    port = link.port;
    hosts.current = [...hosts.current, host];
    closers.push(() => server.drain(0), link.cut);
    return { server, link, asked };
  };
  let retries = 0;
  const connect = () => {
    const client = connectRedirect(`dns:///backends.test:${port}`, {
      clock,
      observer: { ...silentClient, onRetry: () => (retries += 1) },
      resolve: () => Promise.resolve(hosts.current),
      resolveEveryMs: 100,
    });
    closers.push(client.close);
    return client;
  };
  return { handled, retries: () => retries, add, connect };
}

/** Asks without pause until told to stop; tells what came of each item. */
function startLoad(client: ReturnType<typeof connectRedirect>) {
  const items: string[] = [];
  const outcomes: Promise<{ item: string; giver: string } | { item: string; fault: unknown }>[] = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      for (let each = 0; each < perTurn; each += 1) {
        const item = `item ${items.length}`;
        items.push(item);
        outcomes.push(
          client.resolve(requestFor(item), context).then(
            (response) => ({ item, giver: giverOf(response) }),
            (fault: unknown) => ({ item, fault }),
          ),
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  return {
    items,
    stop: async () => {
      stopped = true;
      await running;
      return Promise.all(outcomes);
    },
  };
}

async function untilBusy(asked: readonly string[]): Promise<void> {
  const from = asked.length;
  await expect.poll(() => asked.length - from, { timeout: busyWithinMs, interval: 10 }).toBeGreaterThan(100);
}

describe('backends that come and go under load', () => {
  it('loses no item and handles none twice without need while backends are killed, added and drained', async () => {
    const service = await openService();
    const one = await service.add('one');
    const two = await service.add('two');
    const client = service.connect();
    await client.whenReady(2000);
    const load = startLoad(client);
    await untilBusy(one.asked);
    await untilBusy(two.asked);

    // Killed: its connection breaks with items under way.
    one.link.cut();
    await untilBusy(two.asked);
    // Added: the name leads to it, too.
    const three = await service.add('three');
    await untilBusy(three.asked);
    // Drained, as by a rolling update, while the load goes on.
    await two.server.drain(5000);
    await untilBusy(three.asked);
    const four = await service.add('four');
    await untilBusy(four.asked);
    three.link.cut();
    await untilBusy(four.asked);

    const outcomes = await load.stop();
    expect(outcomes.filter((outcome) => 'fault' in outcome)).toEqual([]);
    expect(outcomes).toHaveLength(load.items.length);
    // Given to a handler a second time is what was under way on a cut connection, and never a third time. What is applied
    // twice all the same has the first one's answer: all batched methods are idempotent.
    const counts = [...service.handled.values()];
    expect(counts).toHaveLength(load.items.length);
    expect(Math.max(...counts)).toBe(2);
    expect(service.retries()).toBeGreaterThan(0);
    expect(counts.filter((count) => count === 2).length).toBeLessThanOrEqual(service.retries());
  }, 60_000);
});
