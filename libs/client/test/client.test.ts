import { composeLocation, type Location, locationStoreVariables } from '@rollcall/location';
import { type GrpcServer, locationServices, serveGrpc } from '@rollcall/rpc';
import { createLogger, Metrics, readConfig, systemClock } from '@rollcall/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { register, update } from '../../bindings/test/make-registration.ts';
import { connectToRollcall, type RollcallClient, type WatchedEvent } from '../src/index.ts';

const context = { timeoutMs: 5000, traceparent: '' };
const aor = 'sip:alice@example.com';

let location: Location;
let server: GrpcServer;
let client: RollcallClient;

function compose(): Location {
  return composeLocation({
    config: {
      ...readConfig(locationStoreVariables, {}),
      logAor: 'hash',
    },
    clock: systemClock,
    logger: createLogger({ service: 'location', level: 'silent', format: 'json' }),
    metrics: new Metrics(),
  });
}

function serve(port: number): Promise<GrpcServer> {
  const services = locationServices(location.calls, location.api);
  return serveGrpc(`127.0.0.1:${port}`, services, { clock: systemClock });
}

const bind = (name: string, ...args: Parameters<typeof register>) =>
  location.calls.apply({ aor: name, ...register(...args), refused: false }, context);

beforeEach(async () => {
  location = compose();
  server = await serve(0);
  client = connectToRollcall(`127.0.0.1:${server.port}`);
});

afterEach(async () => {
  client.close();
  await server.drain(0);
  await location.close();
});

describe('questions', () => {
  it('looks up one AOR, many AORs and a domain', async () => {
    const aors = Array.from({ length: 1200 }, (_, index) => `sip:u${index}@example.org`);
    for (const name of aors) await bind(name, [update('sip:a@h')]);
    expect(await client.lookUp('sip:u7@example.org')).toMatchObject({ bindings: [{ contact: 'sip:a@h' }] });
    const found = await client.lookUpAll([...aors, 'nonsense']);
    expect(found.slice(0, -1)).toMatchObject(aors.map((each) => ({ aor: each })));
    expect(found.at(-1)).toBeInstanceOf(Error);
    const listed: string[] = [];
    for await (const registration of client.list('example.org', { fields: ['aor'] })) {
      expect(registration.bindings).toEqual([]);
      listed.push(registration.aor);
    }
    expect(listed.toSorted()).toEqual(aors.toSorted());
  });

  it('removes what the etag is about', async () => {
    await bind(aor, [update('sip:a@h'), update('sip:b@h')]);
    const { etag, bindings } = await client.lookUp(aor);
    const left = await client.deleteBinding(aor, bindings[0]?.bindingId ?? '', etag);
    expect(left.bindings).toHaveLength(1);
    const late = client.deleteRegistration(aor, etag);
    await expect(late).rejects.toMatchObject({
      name: 'RollcallError',
      reason: 'ETAG_MISMATCH',
      status: 'ABORTED',
    });
    expect((await client.deleteRegistration(aor, left.etag)).bindings).toEqual([]);
  });

  it('waits for a server that comes back, and not for longer than it may', async () => {
    await server.drain(0);
    const hurried = connectToRollcall(`127.0.0.1:${server.port}`, { timeoutMs: 300 });
    await expect(hurried.lookUp(aor)).rejects.toMatchObject({ status: 'UNAVAILABLE' });
    hurried.close();
    const answer = client.lookUp(aor);
    server = await serve(server.port);
    expect(await answer).toMatchObject({ aor, bindings: [] });
  });

  it('a question that cannot be answered is not asked again', async () => {
    await expect(client.lookUp('nonsense')).rejects.toMatchObject({ reason: 'AOR_INVALID' });
  });
});

describe('watch', () => {
  it('goes on where servers come and go: nothing lost, nothing twice, in order', async () => {
    await bind(aor, [update('sip:a@h')]);
    const seen: WatchedEvent[] = [];
    const wanted = 12;
    const watching = (async () => {
      for await (const event of client.watch({ aors: [aor] })) {
        seen.push(event);
        if (seen.filter(({ type }) => type === 'created').length === wanted) return;
      }
    })();
    await expect.poll(() => seen.some(({ type }) => type === 'complete')).toBe(true);
    for (let round = 0; round < wanted; round += 1) {
      await bind(aor, [], { callId: `r${round}`, removeAll: true });
      if (round % 4 === 1) {
        const { port } = server;
        await server.drain(0);
        server = await serve(port);
      }
      await bind(aor, [update(`sip:a@h${round}`)], { callId: `c${round}` });
      await expect
        .poll(() => seen.filter(({ type }) => type === 'created').length, { timeout: 10_000 })
        .toBe(round + 1);
    }
    await watching;
    const changes = Array.from({ length: wanted }, () => ['removed', 'created']).flat();
    expect(seen.map(({ type }) => type)).toEqual(['snapshot', 'complete', ...changes]);
    const contacts = seen.flatMap((event) => (event.type === 'created' ? [event.binding?.contact] : []));
    expect(contacts).toEqual(Array.from({ length: wanted }, (_, round) => `sip:a@h${round}`));
  });

  it('tells a reset, and the state anew, where what was missed is not known any more', async () => {
    await bind(aor, [update('sip:a@h')]);
    const watch = client.watch({ aors: [aor] })[Symbol.asyncIterator]();
    const types: string[] = [];
    const next = async () => {
      const { value } = await watch.next();
      types.push(value?.type ?? 'end');
    };
    await next();
    await next();
    const { port } = server;
    await server.drain(0);
    await location.close();
    location = compose();
    await bind(aor, [update('sip:b@h')]);
    server = await serve(port);
    await next();
    await next();
    await next();
    expect(types).toEqual(['snapshot', 'complete', 'reset', 'snapshot', 'complete']);
    await watch.return?.();
  });

  it('holds back what its reader does not take', async () => {
    for (let index = 0; index < 3000; index += 1)
      await bind(`sip:u${index}@example.net`, [update('sip:a@h')]);
    const states = new Set<string>();
    for await (const event of client.watch({ domain: 'example.net' })) {
      if (event.type === 'complete') break;
      if (event.type === 'snapshot') states.add(event.aor);
      if (states.size % 500 === 0) await new Promise(setImmediate);
    }
    expect(states.size).toBe(3000);
  });

  it('ends when told to, and fails where it can never be', async () => {
    const stop = new AbortController();
    const types: string[] = [];
    for await (const event of client.watch({ aors: [aor] }, { signal: stop.signal })) {
      types.push(event.type);
      stop.abort();
    }
    expect(types).toEqual(['complete']);
    const failing = (async () => {
      for await (const event of client.watch({ domain: 'a b' })) types.push(event.type);
    })();
    await expect(failing).rejects.toMatchObject({ name: 'RollcallError', reason: 'DOMAIN_INVALID' });
  });

  it('resumes from a token of another process', async () => {
    let token = '';
    for await (const event of client.watch({ aors: [aor] })) {
      if (event.type === 'complete') {
        token = event.resumeToken;
        break;
      }
    }
    await bind(aor, [update('sip:a@h')]);
    for await (const event of client.watch({ aors: [aor] }, { resumeToken: token })) {
      expect(event).toMatchObject({ type: 'created', binding: { contact: 'sip:a@h' } });
      break;
    }
  });
});
