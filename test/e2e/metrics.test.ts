import { spawnSync } from 'node:child_process';
import { describeCommon, describeServices } from '@rollcall/monitoring';
import { connectLocationApi } from '@rollcall/rpc';
import { systemClock } from '@rollcall/runtime';
import {
  findFreePort,
  findTool,
  SipAgent,
  startRedis,
  startServices,
  startStandalone,
} from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { oddRequests } from './src/odd-requests.ts';
import { runProgram } from './src/run-program.ts';
import { makeScratchFolder } from './src/scratch-folder.ts';

const subscribers = new URL('../../services/standalone/demo-subscribers.yaml', import.meta.url).href;
const mostSeries = 1500;

let promtool: string;
let documented: Set<string>;
/** Metrics whose label values are all named in the code. */
let closed: Set<string>;
beforeAll(async () => {
  promtool = await findTool('promtool');
  const all = [...(await describeCommon()), ...Object.values(describeServices()).flat()];
  documented = new Set(all.map(({ name }) => name));
  const isClosed = (labels: (typeof all)[number]['labels']) =>
    Object.values(labels).every((each) => each !== null);
  closed = new Set(all.filter(({ labels }) => isClosed(labels)).map(({ name }) => name));
});

interface Product {
  readonly sip: { readonly host: string; readonly port: number };
  /** "host:port" of each HTTP server, by process. */
  readonly http: Readonly<Record<string, string>>;
  readonly locationApi: string;
  stop(): Promise<void>;
}

/** Everything that an edge can listen on: the most series that there can be. */
async function everyTransport() {
  const folder = await makeScratchFolder();
  const { cert, key } = await (await TestAuthority.create()).issue({ dns: ['example.com'] });
  const env = {
    EDGE_TLS_LISTEN: '127.0.0.1:0',
    EDGE_WS_LISTEN: '127.0.0.1:0',
    EDGE_WSS_LISTEN: '127.0.0.1:0',
    EDGE_TLS_CERT_FILE: await folder.write('tls.crt', cert),
    EDGE_TLS_KEY_FILE: await folder.write('tls.key', key),
  };
  return { env, remove: () => folder.remove() };
}

async function startFive(): Promise<Product> {
  const { env, remove } = await everyTransport();
  const redis = await startRedis();
  const cluster = await startServices({
    redisUrl: redis.url,
    env: { AUTH_SUBSCRIBERS: subscribers, ...env },
  });
  const stop = async () => {
    await cluster.stop();
    await redis.stop();
    await remove();
  };
  return { sip: cluster.sip, http: cluster.http, locationApi: cluster.locationApi, stop };
}

async function startOne(): Promise<Product> {
  const { env, remove } = await everyTransport();
  const one = await startStandalone({ env });
  const stop = async () => {
    await one.stop();
    await remove();
  };
  return { sip: one.sip, http: { standalone: one.http }, locationApi: one.locationApi, stop };
}

describe.each([
  ['standalone', startOne],
  ['five processes', startFive],
] as const)('%s', (_name, start) => {
  it('metrics are well-formed, documented, and few whatever is sent', async () => {
    const product = await start();
    try {
      await fuzz(product, 1, 10_000);
      await answerOddly(product);
      await useEverything(product);
      const first = await scrapeAll(product);
      for (const [name, text] of Object.entries(first)) {
        const lint = spawnSync(promtool, ['check', 'metrics'], { input: text, encoding: 'utf8' });
        expect(lint.stderr + lint.stdout, name).toBe('');
        expect(seriesOf(text).length, name).toBeLessThanOrEqual(mostSeries);
        const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, metric = '']) => metric);
        expect(names.filter((metric) => !documented.has(metric))).toEqual([]);
      }
      // A second lot makes no label value that the code does not name: only combinations of closed sets are new.
      await fuzz(product, 2, 2000);
      for (const [name, text] of Object.entries(await scrapeAll(product))) {
        const known = new Set(seriesOf(first[name] ?? ''));
        const fresh = seriesOf(text).filter((series) => !known.has(series));
        expect(
          fresh.filter((series) => !closed.has(series.replace(/(_bucket|_sum|_count)?[{].*/, ''))),
        ).toEqual([]);
        expect(seriesOf(text).length, name).toBeLessThanOrEqual(mostSeries);
      }
    } finally {
      await product.stop();
    }
  });

  it("the number of bindings is the store's own, soon after each change", async () => {
    const product = await start();
    try {
      await using phone = new SipAgent({ transport: 'udp', server: product.sip });
      await using desk = new SipAgent({ transport: 'udp', server: product.sip });
      const alice = { aor: 'sip:alice@example.com', password: 'wonderland', expires: 60 };
      const bob = { aor: 'sip:bob@example.com', password: 'builder', expires: 60 };
      await phone.register(alice);
      await desk.register(alice);
      await desk.register(bob);
      await expectTable(product, { bindings: 3, aors: 2 });
      await desk.register({ ...alice, expires: 0 });
      await expectTable(product, { bindings: 2, aors: 2 });
      await phone.register({ ...alice, expires: 0 });
      await expectTable(product, { bindings: 1, aors: 1 });
    } finally {
      await product.stop();
    }
  });
});

it('everything that is documented is scraped somewhere: of a product with TLS, or of a canary', async () => {
  const { env, remove } = await everyTransport();
  const product = await startStandalone({ env });
  const http = { standalone: product.http, canary: `127.0.0.1:${await findFreePort()}` };
  const server = `${product.sip.host}:${product.sip.port}`;
  const args = ['probe', 'sip:bob@example.com', '--server', server, '--loop', '1', '--metrics', http.canary];
  const canary = runProgram('services/cli/src/main.ts', { ROLLCALL_PASSWORD: 'builder' }, args);
  try {
    const scraped = await vi.waitFor(() => scrapeAll({ http }), { timeout: 30_000, interval: 200 });
    const all = Object.values(scraped).join('\n');
    expect([...documented].filter((name) => !all.includes(`# TYPE ${name} `))).toEqual([]);
  } finally {
    canary.kill('SIGTERM');
    await canary.ended;
    await product.stop();
    await remove();
  }
});

/** Waits until the gauges say so; a minute is what is promised. */
async function expectTable(product: Product, table: { bindings: number; aors: number }): Promise<void> {
  const read = (text: string, name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  await vi.waitFor(
    async () => {
      const text = Object.values(await scrapeAll(product)).join('\n');
      expect({
        bindings: read(text, 'rollcall_store_bindings'),
        aors: read(text, 'rollcall_store_aors'),
      }).toEqual(table);
    },
    { timeout: 60_000, interval: 100 },
  );
}

/** Sends odd requests by UDP and a few by TCP, and waits until all have been read. */
async function fuzz({ sip }: Product, seed: number, count: number): Promise<void> {
  await using udp = new SipAgent({ transport: 'udp', server: sip });
  let sent = 0;
  for (const text of oddRequests(count, seed)) {
    await udp.sendText(text);
    sent += 1;
    // The kernel's buffer holds some thousands: what is lost tests nothing.
    if (sent % 200 === 0) await udp.request({ method: 'OPTIONS', uri: 'sip:example.com', retransmits: true });
  }
  for (const text of oddRequests(20, seed + 100)) {
    await using tcp = new SipAgent({ transport: 'tcp', server: sip });
    await tcp.sendText(text.replace('/UDP', '/TCP').replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n'));
    await tcp.nextText(1000).catch(() => undefined);
  }
}

/** What phones and other services do, well and badly: all that the product serves. */
async function useEverything({ sip, locationApi }: Product): Promise<void> {
  const [aor, password] = ['sip:alice@example.com', 'wonderland'];
  for (const transport of ['udp', 'tcp'] as const) {
    await using phone = new SipAgent({ transport, server: sip });
    for (const each of [
      {},
      {},
      { contact: '' },
      { contact: Array.from({ length: 30 }, (_, index) => `<sip:a@192.0.2.${index}>`).join(', ') },
      { expires: 5 },
      { headers: ['Require: odd'] },
      { aor: 'sip:bob@example.com' },
      { aor: 'sip:alice@elsewhere.example' },
      { password: 'wrong' },
      { expires: 0 },
      { contact: '*', expires: 0 },
    ])
      await phone.register({ aor, password, username: 'alice', ...each });
    await phone.register({ aor, password });
    for (const method of ['INVITE', 'SUBSCRIBE', 'OPTIONS']) await phone.request({ method, uri: aor });
  }
  const location = connectLocationApi(locationApi, { clock: systemClock });
  const unhurried = { timeoutMs: 5000, traceparent: '' };
  await location.batchGetRegistrations({ aors: [aor] }, unhurried);
  const asked = { domain: 'example.com', pageSize: 0, pageToken: '', readMask: undefined };
  await location.listRegistrations(asked, unhurried);
  const { registration } = await location.getRegistration({ aor }, unhurried);
  const bindingId = registration?.bindings[0]?.bindingId ?? '';
  await location.deleteBinding({ aor, bindingId, etag: '', allowMissing: true }, unhurried);
  await location.deleteRegistration({ aor, etag: '', allowMissing: true }, unhurried);
  await expect(location.getRegistration({ aor: 'nobody' }, unhurried)).rejects.toThrow();
  await new Promise<void>((resolve) => {
    const watched = { aors: [aor], domain: '', resumeToken: '', skipInitialState: false };
    const watch = location.watchRegistrations(watched, {
      onResponse: () => {
        watch.cancel();
        resolve();
        return true;
      },
      onEnd: () => resolve(),
    });
  });
  location.close();
}

/** A phone that is called by every method and transport, and answers with every status code that there may be. */
async function answerOddly(product: Product): Promise<void> {
  const { sip, locationApi } = product;
  await using phone = new SipAgent({ transport: 'tcp', server: sip });
  const bob = { aor: 'sip:bob@example.com', password: 'builder' };
  for (const expires of [60, 61]) await phone.register({ ...bob, expires, headers: ['Supported: path'] });
  const location = connectLocationApi(locationApi, { clock: systemClock });
  const asked = await location.getRegistration({ aor: bob.aor }, { timeoutMs: 5000, traceparent: '' });
  location.close();
  const [binding] = asked.registration?.bindings ?? [];
  const headers = (binding?.path ?? []).map((value) => `Route: ${value}`);
  for (const transport of ['udp', 'tcp'] as const) {
    await using caller = new SipAgent({ transport, server: sip });
    for (const method of ['INVITE', 'OPTIONS', 'MESSAGE']) {
      for (let status = 300; status < 700; status += 1) {
        // RFC 4320 section 4.2: no 408 to anything but an INVITE.
        if (status === 408 && method !== 'INVITE') continue;
        const answered = caller.request({ method, uri: binding?.contact ?? '', headers });
        let request = await phone.nextText();
        while (!request.startsWith(method)) request = await phone.nextText();
        await phone.sendText(answerTo(request, status));
        // A proxy makes a 500 of a 503 (RFC 3261 section 16.7 step 6).
        expect((await answered).status).toBe(status === 503 ? 500 : status);
      }
    }
  }
  await phone.close();
  // The edge tells of the end of the connection by a call that nothing else makes.
  await vi.waitFor(
    async () => {
      const text = Object.values(await scrapeAll(product)).join('\n');
      expect(text).toContain('rollcall_flows{transport="tcp"} 0');
      if (!('standalone' in product.http)) expect(text).toMatch(/grpc_server_handled.*"EndFlows".*"OK"\} 1/);
    },
    { timeout: 20_000, interval: 200 },
  );
}

/** A response, from the request's own rows (RFC 3261 section 8.2.6.2). */
function answerTo(request: string, status: number): string {
  const rows = request.split('\r\n').filter((row) => /^(via|from|to|call-id|cseq):/i.test(row));
  const tagged = rows.map((row) => (/^to:/i.test(row) && !row.includes('tag=') ? `${row};tag=phone` : row));
  return `SIP/2.0 ${status} Odd\r\n${tagged.join('\r\n')}\r\nContent-Length: 0\r\n\r\n`;
}

async function scrapeAll({ http }: Pick<Product, 'http'>): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [name, address] of Object.entries(http)) {
    // Twice: the first one makes the series of the request for metrics itself.
    await fetch(`http://${address}/metrics`).then((response) => response.text());
    texts[name] = await fetch(`http://${address}/metrics`).then((response) => response.text());
  }
  return texts;
}

/** The series of a scrape, without their values. */
function seriesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')));
}
