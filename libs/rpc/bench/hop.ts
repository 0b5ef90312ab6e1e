/**
 * What one hop of one registration costs: client and server in processes of their own, both CPU times added.
 * `npm run bench -w libs/rpc`.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  connectRegistrar,
  type RegisterRequest,
  type RegisterResponse,
  registrarService,
  serveGrpc,
} from '../src/index.ts';

const clock = {
  nowMs: () => Date.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

const flow = {
  edge: 'edge-0',
  token: '',
  transport: 1,
  localAddress: '10.0.3.17:5060',
  remoteAddress: '203.0.113.77:40123',
} as const;

const request: RegisterRequest = {
  domain: 'example.com',
  aor: 'sip:alice0123@example.com',
  requestUri: 'sip:example.com',
  fromUri: 'sip:alice0123@example.com',
  callId: '9f2c81e07d6b4a3e8b1f@203.0.113.77',
  cseq: 17,
  branch: 'z9hG4bK-524287-1---7f3a9c2e11d04b6a',
  contacts: [
    {
      uri: 'sip:alice0123@203.0.113.77:40123',
      params: '',
      expiresSec: 3600,
      qMilli: undefined,
      instanceId: '',
      regId: 0,
    },
  ],
  removeAll: false,
  expiresSec: 3600,
  path: [],
  supported: ['path', 'outbound'],
  require: [],
  credentials: [
    {
      username: 'alice0123',
      realm: 'example.com',
      nonce: 'MTc2Mzg0ODgwMC5hYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk',
      uri: 'sip:example.com',
      response: '0f4b1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
      algorithm: 'SHA-256',
      cnonce: 'c3f1a0b2',
      opaque: '5ccc069c403ebaf9f0171e9517f40e41',
      qop: 'auth',
      nc: '00000001',
      userhash: false,
    },
  ],
  flow,
  userAgent: 'Phone/1.0',
  viaCount: 1,
  body: Buffer.alloc(0),
  featureCaps: [],
  secureAor: false,
  edgePath: '',
};

const response: RegisterResponse = {
  outcome: {
    $case: 'registered',
    value: {
      bindings: [
        {
          uri: 'sip:alice0123@203.0.113.77:40123',
          params: '',
          expiresSec: 3600,
          qMilli: undefined,
          instanceId: '',
          regId: 0,
          path: [],
          flow,
          registeredAtMs: 1_763_848_800_000,
          callId: request.callId,
          cseq: 17,
          userAgent: 'Phone/1.0',
        },
      ],
      path: [],
      require: [],
      supported: ['path', 'outbound'],
      serviceRoute: [],
      associatedUris: [],
      featureCaps: [],
      gruus: [],
      authenticationInfo: '',
      storedAor: '',
    },
  },
};

const itemsPerSize = 60_000;
const sizes = [1, 2, 4, 8, 16, 32, 64, 128];

if (process.argv[2] === 'server') await serve();
else await measure();

async function serve(): Promise<void> {
  const calls = {
    register: () => Promise.resolve(response),
    endFlows: async () => ({ removed: 0 }),
    leaseChallenges: () => Promise.resolve({ lease: undefined }),
    subscribe: () => Promise.resolve({ outcome: undefined }),
    watchRegistration: () => ({ resume: () => undefined, cancel: () => undefined }),
  };
  const { port } = await serveGrpc('127.0.0.1:0', [registrarService(calls)], { clock });
  process.on('message', () => process.send?.(process.cpuUsage()));
  process.on('disconnect', () => process.exit(0));
  process.send?.({ port });
}

async function measure(): Promise<void> {
  const child = fork(fileURLToPath(import.meta.url), ['server'], {
    execArgv: ['--conditions=rollcall-source'],
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const client = connectRegistrar(`127.0.0.1:${port}`, { clock });
  await client.whenReady(5000);
  await run(client, 32, itemsPerSize);
  process.stdout.write('items in a message | client µs | server µs | both µs for each item\n');
  for (const size of sizes) {
    const items = Math.min(itemsPerSize, size * 10_000);
    const before = { client: process.cpuUsage(), server: await cpuOf(child) };
    await run(client, size, items);
    const after = { client: process.cpuUsage(), server: await cpuOf(child) };
    const each = (['client', 'server'] as const).map(
      (side) => (total(after[side]) - total(before[side])) / items,
    );
    const cells = [...each, (each[0] ?? 0) + (each[1] ?? 0)].map((us) => us.toFixed(1).padStart(9));
    process.stdout.write(`${String(size).padStart(18)} | ${cells.join(' | ')}\n`);
  }
  client.close();
  child.disconnect();
}

async function run(client: ReturnType<typeof connectRegistrar>, size: number, items: number): Promise<void> {
  const context = { timeoutMs: 5000, traceparent: '' };
  for (let done = 0; done < items; done += size) {
    await Promise.all(Array.from({ length: size }, () => client.register(request, context)));
  }
}

async function cpuOf(child: ChildProcess): Promise<NodeJS.CpuUsage> {
  child.send('cpu');
  const [usage] = (await once(child, 'message')) as [NodeJS.CpuUsage];
  return usage;
}

function total({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}
