import {
  type Clock,
  type ConfigProblem,
  FileChanges,
  type Logger,
  noteUnusable,
  readNamedFile,
} from '@rollcall/runtime';
import { type CertificateFacts, checkClientCa, checkKeyPair, type TlsIdentity } from '@rollcall/transport';

/** Where an identity is kept. */
export interface TlsPaths {
  readonly cert: readonly string[];
  /** In the order of the certificates. */
  readonly key: readonly string[];
  /** Empty for none. */
  readonly clientCa: string;
}

/** Reads an identity, which can be used where there is no problem. Each problem names the variable and the file it lies in. */
export function readTlsFiles({ cert, key, clientCa }: TlsPaths): {
  identity: TlsIdentity;
  problems: ConfigProblem[];
} {
  const problems: ConfigProblem[] = [];
  const keyPairs = cert.map((certPath, index) => {
    const keyPath = key[index] ?? '';
    const pair = {
      cert: readNamedFile('EDGE_TLS_CERT_FILE', certPath, problems) ?? '',
      key: readNamedFile('EDGE_TLS_KEY_FILE', keyPath, problems) ?? '',
    };
    if (pair.cert !== '' && pair.key !== '')
      noteUnusable(problems, 'EDGE_TLS_CERT_FILE', `${certPath} with EDGE_TLS_KEY_FILE=${keyPath}`, () =>
        checkKeyPair(pair),
      );
    return pair;
  });
  if (clientCa === '') return { identity: { keyPairs }, problems };
  const ca = readNamedFile('EDGE_TLS_CLIENT_CA_FILE', clientCa, problems) ?? '';
  if (ca !== '') noteUnusable(problems, 'EDGE_TLS_CLIENT_CA_FILE', clientCa, () => checkClientCa(ca));
  return { identity: { keyPairs, clientCa: ca }, problems };
}

/** Who is told of an identity. */
export interface TlsFilesParts {
  readonly paths: TlsPaths;
  /** What is in use now. */
  readonly certificates: () => readonly CertificateFacts[];
  /** Puts a good one in its place. */
  readonly replace: (identity: TlsIdentity) => void;
  readonly onReload: (result: 'success' | 'failure') => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reads an identity again when its files change. A bad one leaves what is in use. */
export class TlsFiles {
  readonly #parts: TlsFilesParts;
  readonly #changes: FileChanges;

  constructor(parts: TlsFilesParts) {
    this.#parts = parts;
    const { cert, key, clientCa } = parts.paths;
    const paths = [...cert, ...key, ...(clientCa === '' ? [] : [clientCa])];
    this.#changes = new FileChanges({ paths, clock: parts.clock, onChange: () => this.#reload() });
  }

  close(): void {
    this.#changes.close();
  }

  #reload(): void {
    const { paths, replace, certificates, onReload, clock, logger } = this.#parts;
    const { identity, problems } = readTlsFiles(paths);
    if (problems.length > 0) {
      logger.error({ problems }, 'the TLS certificate is not usable; the previous one stays in use');
      onReload('failure');
      return;
    }
    replace(identity);
    logger.info({ certificates: describeCertificates(certificates()) }, 'TLS certificate read again');
    warnOfEnded(certificates(), clock, logger);
    onReload('success');
  }
}

/** Says which certificates are over: they are served all the same, since a phone may not look, and UDP does not need them. */
export function warnOfEnded(
  certificates: readonly CertificateFacts[],
  clock: Clock,
  logger: Pick<Logger, 'warn'>,
): void {
  const ended = certificates.filter(({ notAfterMs }) => notAfterMs < clock.nowMs());
  if (ended.length === 0) return;
  logger.warn(
    { certificates: describeCertificates(ended) },
    'a TLS certificate has ended: phones that look at it do not connect; renew the file of EDGE_TLS_CERT_FILE',
  );
}

/** For the log. */
export function describeCertificates(
  certificates: readonly CertificateFacts[],
): { names: readonly string[]; notAfter: string }[] {
  return certificates.map(({ names, notAfterMs }) => ({
    names,
    notAfter: new Date(notAfterMs).toISOString(),
  }));
}
