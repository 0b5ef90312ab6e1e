import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServicesCluster, startRedis, startServices, startStandalone } from '@rollcall/testkit';
import type { HostPort } from '@rollcall/transport';
import type { OwnTargetOptions, TargetKind } from './conformance-case.ts';
import { prepareSecured, type Secured } from './secured.ts';
import { formatSubscribers, makeUsers, type TestUser } from './test-users.ts';

/** The product while it runs. */
export interface Product {
  readonly kind: TargetKind;
  readonly sip: HostPort;
  /** Its listeners beside UDP and TCP. */
  readonly secured: Secured;
  /** "host:port" of the public gRPC API. */
  readonly locationApi: string;
  /** The processes, where it is five. */
  readonly cluster: ServicesCluster | undefined;
  output(): string;
  freshUser(): TestUser;
  stop(): Promise<void>;
}

/** More than there are cases. */
const freshUsers = 600;
const keptLines = 20_000;

/**
 * What differs from the defaults in the suite's own product: cases must know the exact expiry, fail often, and get temporary
 * GRUUs from five processes too, which share no secret by themselves.
 */
const suiteEnv = {
  REGISTRAR_EXPIRES_JITTER: '0',
  AUTH_LOCKOUT_FAILURES: '0',
  REGISTRAR_GRUU_SECRETS: 'a-secret-of-gruus-for-the-suite',
};

/**
 * Starts the product on free ports of 127.0.0.1.
 *
 * @throws Error with its output where it does not start
 */
export async function startProduct(kind: TargetKind, options: OwnTargetOptions = {}): Promise<Product> {
  const users = makeUsers('user', freshUsers);
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-conformance-'));
  const file = join(folder, 'subscribers.yaml');
  await writeFile(file, options.subscribers ?? formatSubscribers(users));
  const lines: string[] = [];
  const onLine = (line: string) => {
    if (lines.length < keptLines) lines.push(line);
  };
  const secured = await prepareSecured(folder);
  const env = { ...suiteEnv, ...secured.env, AUTH_SUBSCRIBERS: `file:${file}`, ...options.env };
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const open = async () =>
      kind === 'standalone' ? await openStandalone(env, onLine) : await openServices(env, onLine);
    // A port that was free when it was chosen may be taken a moment later: then others are chosen.
    const running = await open().catch((error: unknown) => {
      if (String(error).includes('EADDRINUSE')) return open();
      throw error;
    });
    return {
      ...running,
      kind,
      secured,
      output: () => lines.join('\n'),
      freshUser: () => {
        const user = users.shift();
        if (user === undefined) throw new Error(`all ${freshUsers} users are taken`);
        return user;
      },
      stop: async () => {
        await running.stop();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

type Env = Readonly<Record<string, string>>;

async function openStandalone(env: Env, onLine: (line: string) => void) {
  const { sip, locationApi, stop } = await startStandalone({ env, onLine });
  return { sip, locationApi, cluster: undefined, stop };
}

async function openServices(env: Env, onLine: (line: string) => void) {
  const redis = env.LOCATION_STORE === undefined ? await startRedis() : undefined;
  try {
    const redisUrl = redis?.url ?? env.LOCATION_STORE ?? '';
    const cluster = await startServices({ env, redisUrl, onLine: (_, line) => onLine(line) });
    const stop = async () => {
      await cluster.stop();
      await redis?.stop();
    };
    return { sip: cluster.sip, locationApi: cluster.locationApi, cluster, stop };
  } catch (error) {
    await redis?.stop();
    throw error;
  }
}
