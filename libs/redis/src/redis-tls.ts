import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { certificateMetrics, type Logger, type Metrics } from '@rollcall/runtime';

/**
 * TLS as the settings say it, with its certificate in the metrics; undefined where the target uses none.
 *
 * @throws Error where the files cannot be used
 */
export function openRedisTls(
  target: { readonly tls: boolean },
  paths: RedisTlsPaths,
  { logger, metrics }: { logger: Logger; metrics: Metrics },
): RedisTls | undefined {
  if (!target.tls) return undefined;
  const tls = new RedisTls(paths, logger);
  if (paths.storeCertFile !== '')
    certificateMetrics(metrics).show('redis', () => (tls.notAfterMs === undefined ? [] : [tls.notAfterMs]));
  return tls;
}

/** Where the certificates of a connection to Redis are; empty for none. */
export interface RedisTlsPaths {
  readonly storeCaFile: string;
  readonly storeCertFile: string;
  readonly storeKeyFile: string;
}

/** What the files hold, when it can be used. */
interface ReadFiles {
  /** All of it, to see whether it has changed. */
  readonly text: string;
  readonly context: SecureContext;
  /** When our own certificate ends, in milliseconds since 1970; undefined where there is none. */
  readonly notAfterMs: number | undefined;
}

/** Why files cannot be used: which of the variables, by the end of its name, and the reason. */
interface FilesProblem {
  readonly variable: '_CA_FILE' | '_CERT_FILE' | '_KEY_FILE';
  readonly problem: string;
}

/**
 * TLS towards Redis, with files that change: each new connection is made with what they hold by then. Open connections
 * stay as they are. Files that cannot be used leave what was used before.
 */
export class RedisTls {
  readonly #paths: RedisTlsPaths;
  readonly #logger: Logger;
  #used: ReadFiles;
  #problem: string | undefined;

  /** @throws Error where the files cannot be used */
  constructor(paths: RedisTlsPaths, logger: Logger) {
    this.#paths = paths;
    this.#logger = logger;
    const read = readRedisFiles(paths);
    if ('problem' in read) throw new Error(read.problem);
    this.#used = read;
  }

  /** For one new connection. */
  get context(): SecureContext {
    return this.#read().context;
  }

  /** When the certificate ends that the next connection shows, in milliseconds since 1970; undefined where it shows none. */
  get notAfterMs(): number | undefined {
    return this.#read().notAfterMs;
  }

  #read(): ReadFiles {
    const read = readRedisFiles(this.#paths);
    const problem = 'problem' in read ? read.problem : undefined;
    if (problem !== undefined && problem !== this.#problem) {
      this.#logger.error(
        { problem },
        'the certificates for Redis are not usable; the previous ones stay in use',
      );
    }
    this.#problem = problem;
    if (!('problem' in read) && read.text !== this.#used.text) {
      this.#used = read;
      this.#logger.info('the certificates for Redis have been read again');
    }
    return this.#used;
  }
}

/** Reads the files, and says which of them cannot be used. */
export function readRedisFiles(paths: RedisTlsPaths): ReadFiles | FilesProblem {
  const ca = readPart(paths.storeCaFile);
  if (typeof ca !== 'string') return { variable: '_CA_FILE', ...ca };
  const cert = readPart(paths.storeCertFile);
  if (typeof cert !== 'string') return { variable: '_CERT_FILE', ...cert };
  const key = readPart(paths.storeKeyFile);
  if (typeof key !== 'string') return { variable: '_KEY_FILE', ...key };
  try {
    if (paths.storeCaFile !== '') new X509Certificate(ca);
  } catch {
    return { variable: '_CA_FILE', problem: `${paths.storeCaFile} holds no certificate in PEM` };
  }
  try {
    const context = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(ca === '' ? {} : { ca }),
      ...(cert === '' ? {} : { cert, key }),
    });
    const notAfterMs = cert === '' ? undefined : new X509Certificate(cert).validToDate.getTime();
    return { text: [ca, cert, key].join('\n'), context, notAfterMs };
  } catch (error) {
    return { variable: '_CERT_FILE', problem: `with its key: ${messageOf(error)}` };
  }
}

function readPart(path: string): string | { problem: string } {
  if (path === '') return '';
  try {
    const text = readFileSync(path, 'utf8');
    return text.trim() === '' ? { problem: `${path} is empty` } : text;
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
