import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describeCommon, describeServices } from '@rollcall/monitoring';
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

const subscribers = fileURLToPath(
  new URL('../../services/standalone/demo-subscribers.yaml', import.meta.url),
);
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
  stop(): Promise<void>;
}

async function startFive(): Promise<Product> {
  const redis = await startRedis();
  const cluster = await startServices({
    redisUrl: redis.url,
    env: { AUTH_SUBSCRIBERS: `file:${subscribers}` },
  });
  const stop = async () => {
    await cluster.stop();
    await redis.stop();
  };
  return { sip: cluster.sip, http: cluster.http, stop };
}

async function startOne(): Promise<Product> {
  const { sip, http, stop } = await startStandalone();
  return { sip, http: { standalone: http }, stop };
}

describe.each([
  ['standalone', startOne],
  ['five processes', startFive],
] as const)('%s', (_name, start) => {
  it('metrics are well-formed, documented, and few whatever is sent', async () => {
    const product = await start();
    try {
      await fuzz(product, 1, 10_000);
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
  const folder = await makeScratchFolder();
  const { cert, key } = await (await TestAuthority.create()).issue({ dns: ['example.com'] });
  const product = await startStandalone({
    env: {
      EDGE_TLS_LISTEN: '127.0.0.1:0',
      EDGE_TLS_CERT_FILE: await folder.write('tls.crt', cert),
      EDGE_TLS_KEY_FILE: await folder.write('tls.key', key),
    },
  });
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
    await folder.remove();
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
