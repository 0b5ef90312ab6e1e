import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger, Metrics, readConfig, textAs } from '@rollcall/runtime';
import type { RedisGuardFiles } from '@rollcall/testkit';
import { TestAuthority } from '@rollcall/testkit/certificates';
import {
  checkRedis,
  openRedis,
  openRedisTls,
  parseRedisTarget,
  type RedisClient,
  redisTargetForms,
  redisVariables,
} from '../src/index.ts';

const logger = createLogger({ service: 'redis', level: 'silent', format: 'json' });

const table = {
  store: {
    name: 'STORE',
    meaning: 'An address.',
    schema: textAs(redisTargetForms, parseRedisTarget),
    secret: true,
  },
  ...redisVariables('STORE', { connectMs: 2000, commandMs: 1000 }),
};

/** Reads the variables of a store named STORE. */
export function readStore(env: Record<string, string>) {
  return readConfig(table, env, ({ store, ...settings }) => checkRedis('STORE', store, settings));
}

/** Opens a client as these variables say, with the usual answer to a lost connection. */
export function openStore(env: Record<string, string>, metrics = new Metrics()): RedisClient {
  const { store: target, ...settings } = readStore(env);
  const client = openRedis({
    ...{ target, settings },
    tls: openRedisTls('STORE', target, settings, { logger, metrics }),
    connection: { maxRetriesPerRequest: 0, enableOfflineQueue: false, retryStrategy: () => 50 },
    cluster: { clusterRetryStrategy: () => 50 },
  });
  client.on('error', () => undefined);
  return client;
}

/** A certificate for 127.0.0.1 and "redis.test" and who signed it, in files that can be written anew. */
export class CertificateFiles {
  readonly files: RedisGuardFiles;
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
    this.files = {
      ca: join(folder, 'ca.crt'),
      cert: join(folder, 'tls.crt'),
      key: join(folder, 'tls.key'),
    };
  }

  static async create(): Promise<CertificateFiles> {
    const made = new CertificateFiles(await mkdtemp(join(tmpdir(), 'rollcall-redis-tls-')));
    await made.renew();
    return made;
  }

  /** Another authority, and a certificate that it signed. */
  async renew(notAfter?: Date): Promise<void> {
    const authority = await TestAuthority.create();
    const wish = { commonName: 'redis', dns: ['redis.test'], ips: ['127.0.0.1'] };
    const { cert, key } = await authority.issue(notAfter === undefined ? wish : { ...wish, notAfter });
    await writeFile(this.files.ca, authority.cert);
    await writeFile(this.files.cert, cert);
    await writeFile(this.files.key, key);
  }

  /** The variables of a client that shows the certificate. */
  get env(): Record<string, string> {
    const { ca, cert, key } = this.files;
    return { STORE_CA_FILE: ca, STORE_CERT_FILE: cert, STORE_KEY_FILE: key };
  }

  remove(): Promise<void> {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
