import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import {
  type ConfigProblem,
  certificateMetrics,
  checkAuthority,
  checkKeyPair,
  type Logger,
  type Metrics,
  noteUnusable,
  readNamedFile,
} from '@rollcall/runtime';

/** Where the certificates of a connection to Redis are; empty for none. */
export interface RedisTlsPaths {
  readonly storeCaFile: string;
  readonly storeCertFile: string;
  readonly storeKeyFile: string;
}

/** What the files hold; undefined for what there is none of. */
interface RedisTlsTexts {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/**
 * TLS as the settings say it, with its certificate in the metrics; undefined where the target uses none.
 *
 * @param store the variable of the address
 * @throws Error where the files cannot be used
 */
export function openRedisTls(
  store: string,
  target: { readonly tls: boolean },
  paths: RedisTlsPaths,
  { logger, metrics }: { logger: Logger; metrics: Metrics },
): RedisTls | undefined {
  if (!target.tls) return undefined;
  const tls = new RedisTls(store, paths, logger);
  if (paths.storeCertFile !== '')
    certificateMetrics(metrics).show('redis', () => (tls.notAfterMs === undefined ? [] : [tls.notAfterMs]));
  return tls;
}

/**
 * TLS towards Redis, with files that change: each new connection is made with what they hold by then. Open connections
 * stay as they are. Files that cannot be used leave what was used before.
 */
export class RedisTls {
  readonly #store: string;
  readonly #paths: RedisTlsPaths;
  readonly #logger: Logger;
  #seen: string;
  #context: SecureContext;
  #notAfterMs: number | undefined;

  /** @throws Error where the files cannot be used */
  constructor(store: string, paths: RedisTlsPaths, logger: Logger) {
    this.#store = store;
    this.#paths = paths;
    this.#logger = logger;
    const { texts, problems } = readRedisFiles(store, paths);
    const [first] = problems;
    if (first !== undefined) throw new Error(`${first.variable} ${first.problem}`);
    this.#seen = JSON.stringify(texts);
    this.#context = contextOf(texts);
    this.#notAfterMs = endOf(texts);
  }

  /** For one new connection. */
  get context(): SecureContext {
    this.#look();
    return this.#context;
  }

  /** When the certificate ends that the next connection shows, in milliseconds since 1970; undefined where it shows none. */
  get notAfterMs(): number | undefined {
    this.#look();
    return this.#notAfterMs;
  }

  /** What has not changed costs no more than being read; what cannot be used is told once. */
  #look(): void {
    const { texts, problems } = readRedisFiles(this.#store, this.#paths, this.#seen);
    const seen = JSON.stringify(problems.length > 0 ? problems : texts);
    if (seen === this.#seen) return;
    this.#seen = seen;
    if (problems.length > 0) {
      this.#logger.error(
        { problems },
        'the certificates for Redis are not usable; the previous ones stay in use',
      );
      return;
    }
    this.#context = contextOf(texts);
    this.#notAfterMs = endOf(texts);
    this.#logger.info('the certificates for Redis have been read again');
  }
}

/**
 * Reads the files; they can be used where there is no problem.
 *
 * @param store the variable of the address, with which those of the files begin
 * @param known texts that need no check, as JSON
 */
export function readRedisFiles(
  store: string,
  paths: RedisTlsPaths,
  known = '',
): { texts: RedisTlsTexts; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const [caName, certName] = [`${store}_CA_FILE`, `${store}_CERT_FILE`];
  const read = (name: string, path: string) =>
    path === '' ? undefined : readNamedFile(name, path, problems);
  const ca = read(caName, paths.storeCaFile);
  const cert = read(certName, paths.storeCertFile);
  const key = read(`${store}_KEY_FILE`, paths.storeKeyFile);
  const texts = { ca, cert, key };
  if (JSON.stringify(texts) === known) return { texts, problems };
  if (ca !== undefined) noteUnusable(problems, caName, paths.storeCaFile, () => checkAuthority(ca));
  if (cert !== undefined && key !== undefined) {
    const named = `${paths.storeCertFile} with ${store}_KEY_FILE=${paths.storeKeyFile}`;
    noteUnusable(problems, certName, named, () => checkKeyPair(cert, key));
  }
  return { texts, problems };
}

function contextOf({ ca, cert, key }: RedisTlsTexts): SecureContext {
  return createSecureContext({ ca, cert, key, minVersion: 'TLSv1.2' });
}

function endOf({ cert }: RedisTlsTexts): number | undefined {
  return cert === undefined ? undefined : new X509Certificate(cert).validToDate.getTime();
}
