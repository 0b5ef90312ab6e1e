import { X509Certificate } from 'node:crypto';
import { checkAuthority, checkKeyPair } from './certificate-checks.ts';
import type { Clock } from './clock.ts';
import type { ConfigProblem } from './config-error.ts';
import type { ConfigOf } from './config-variables.ts';
import { FileChanges } from './file-changes.ts';
import type { grpcTlsVariables } from './grpc-tls-variables.ts';
import { noteUnusable, readNamedFile } from './named-files.ts';

/** Where an identity is kept; empty for what there is not. */
export type GrpcTlsConfig = ConfigOf<typeof grpcTlsVariables>;

/** What a process is to others over gRPC. */
export type GrpcRole = 'server' | 'client';

/** An identity as it is read: what @rollcall/rpc takes, though this package does not know it. */
interface Identity {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly ca: string | undefined;
}

/**
 * Finds what is wrong with the TLS of a process that is this to others.
 *
 * @param callers those who may call it, by variable; those of the first may do what the others may
 */
export function checkGrpcTls(
  config: GrpcTlsConfig,
  roles: readonly GrpcRole[],
  callers: Readonly<Record<string, readonly string[]>> = {},
): ConfigProblem[] {
  const problems = contradictions(config, roles);
  for (const [variable, names] of Object.entries(callers)) {
    if (names.length === 0 || config.grpcTlsCaFile !== '') continue;
    const problem = 'needs GRPC_TLS_CA_FILE: without it no caller shows a certificate';
    problems.push({ variable, value: names.join(' '), problem });
  }
  const [first, ...others] = Object.entries(callers);
  const named = others.find(([, names]) => names.length > 0);
  if (first?.[1].length === 0 && named !== undefined) {
    const problem = `is empty, but ${named[0]} is set: all who are not in it would be refused`;
    problems.push({ variable: first[0], value: undefined, problem });
  }
  return problems.length > 0 ? problems : readGrpcTls(config).problems;
}

function contradictions(config: GrpcTlsConfig, roles: readonly GrpcRole[]): ConfigProblem[] {
  const { grpcTlsCertFile: cert, grpcTlsKeyFile: key, grpcTlsCaFile: ca, grpcTlsServerName: name } = config;
  const missing = (variable: string, problem: string) => [{ variable, value: undefined, problem }];
  if (cert !== '' && key === '')
    return missing('GRPC_TLS_KEY_FILE', 'is empty, but GRPC_TLS_CERT_FILE needs it');
  if (cert === '' && key !== '')
    return missing('GRPC_TLS_CERT_FILE', 'is empty, but GRPC_TLS_KEY_FILE is of no use without it');
  if (ca !== '' && cert === '' && roles.includes('server'))
    return missing('GRPC_TLS_CERT_FILE', 'is empty, but a server of TLS (GRPC_TLS_CA_FILE is set) needs it');
  if (ca === '' && cert !== '' && roles.includes('client'))
    return missing(
      'GRPC_TLS_CA_FILE',
      'is empty, but whoever calls others over TLS (GRPC_TLS_CERT_FILE is set) needs it',
    );
  if (name !== '' && ca === '')
    return missing('GRPC_TLS_SERVER_NAME', 'is of no use without GRPC_TLS_CA_FILE');
  return [];
}

/** Reads an identity, which can be used where there is no problem; each problem names variable and file. */
function readGrpcTls(config: GrpcTlsConfig): { identity: Identity; problems: ConfigProblem[] } {
  const problems: ConfigProblem[] = [];
  const read = (variable: string, path: string) =>
    path === '' ? undefined : readNamedFile(variable, path, problems);
  const { grpcTlsCertFile: certPath, grpcTlsKeyFile: keyPath, grpcTlsCaFile: caPath } = config;
  const cert = read('GRPC_TLS_CERT_FILE', certPath);
  const key = read('GRPC_TLS_KEY_FILE', keyPath);
  const ca = read('GRPC_TLS_CA_FILE', caPath);
  if (cert !== undefined && key !== undefined)
    noteUnusable(problems, 'GRPC_TLS_CERT_FILE', `${certPath} with GRPC_TLS_KEY_FILE=${keyPath}`, () =>
      checkKeyPair(cert, key),
    );
  if (ca !== undefined) noteUnusable(problems, 'GRPC_TLS_CA_FILE', caPath, () => checkAuthority(ca));
  return { identity: { cert, key, ca }, problems };
}

/** Who is told of a renewed identity. */
export interface GrpcTlsFilesParts {
  readonly config: GrpcTlsConfig;
  readonly clock: Clock;
  /** The files have changed. @param problems why they cannot be used; none: they are in use */
  readonly onReload: (problems: readonly ConfigProblem[]) => void;
}

/** The identity in the files of GRPC_TLS_…, read again when they change; a bad one leaves what is in use. */
export class GrpcTlsFiles {
  readonly serverName: string;
  #identity: Identity;
  readonly #parts: GrpcTlsFilesParts;
  readonly #changes: FileChanges;
  readonly #listeners: (() => void)[] = [];

  /** @param parts their files can be used: {@link checkGrpcTls} has found nothing */
  constructor(parts: GrpcTlsFilesParts) {
    const { grpcTlsCertFile, grpcTlsKeyFile, grpcTlsCaFile, grpcTlsServerName } = parts.config;
    this.#parts = parts;
    this.serverName = grpcTlsServerName;
    this.#identity = readGrpcTls(parts.config).identity;
    const paths = [grpcTlsCertFile, grpcTlsKeyFile, grpcTlsCaFile].filter((path) => path !== '');
    this.#changes = new FileChanges({ paths, clock: parts.clock, onChange: () => this.#reload() });
  }

  /** What is in use now. */
  get identity(): Identity {
    return this.#identity;
  }

  /** When the certificate ends; undefined where there is none. */
  get notAfterMs(): number | undefined {
    const { cert } = this.#identity;
    return cert === undefined ? undefined : Date.parse(new X509Certificate(cert).validTo);
  }

  /** Calls back after the identity has become another one. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#changes.close();
  }

  #reload(): void {
    const { identity, problems } = readGrpcTls(this.#parts.config);
    if (problems.length === 0) {
      this.#identity = identity;
      for (const listener of this.#listeners) listener();
    }
    this.#parts.onReload(problems);
  }
}
