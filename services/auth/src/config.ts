import { readAlgorithm } from '@rollcall/digest';
import {
  checkRedis,
  parseRedisTarget,
  type RedisSettings,
  type RedisTarget,
  redisTargetForms,
  redisVariables,
} from '@rollcall/redis';
import {
  anyText,
  type ConfigOf,
  type ConfigProblem,
  callersVariable,
  checkGrpcTls,
  type GrpcRole,
  grpcListen,
  oneOf,
  readConfig,
  seconds,
  sharedVariables,
  textAs,
  wholeNumber,
} from '@rollcall/runtime';
import { readDomainName } from './domain-name.ts';

/** One source of subscribers, from AUTH_SUBSCRIBERS. */
export type SubscriberSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'postgres' | 'webhook'; readonly url: string };

/** Where shared state is kept, from AUTH_STORE. */
export type AuthStoreTarget = { readonly kind: 'memory' } | RedisTarget;

/** What decides how auth behaves, wherever it runs. */
export const authPolicyVariables = {
  subscribers: {
    name: 'AUTH_SUBSCRIBERS',
    default: 'file:subscribers.yaml',
    meaning:
      'Where subscribers come from: `file:` and a path (with %20 for a space), `postgres://` (a database) or `https://` (a webhook); several between spaces, the first match wins.',
    mask: hidePasswords,
    schema: textAs(
      'file: and a path (%20 for a space), postgres://user@host/database or https://host/path, several between spaces',
      readSources,
    ),
  },
  subscribersPassword: {
    name: 'AUTH_SUBSCRIBERS_PASSWORD',
    default: '',
    meaning: 'Password of the database, or Bearer token for the webhook, where AUTH_SUBSCRIBERS holds none.',
    secret: true,
    schema: anyText,
  },
  domains: {
    name: 'AUTH_DOMAINS',
    default: '',
    defaultMeaning: 'those of the subscribers',
    meaning: 'Domains served, between spaces; an IPv6 address stands in brackets.',
    schema: textAs('domain names between spaces, for example example.com example.net', readDomains),
  },
  nonceSecrets: {
    name: 'AUTH_NONCE_SECRETS',
    default: '',
    defaultMeaning: 'random per start, with a warning',
    meaning:
      'Secrets of the nonces, of 16 characters or more, between spaces: the first signs, all verify. The same on every replica. A file of them is read again when it changes.',
    secret: true,
    schema: textAs('secrets of at least 16 characters each, between spaces', readSecrets),
  },
  nonceLifetimeSec: {
    name: 'AUTH_NONCE_LIFETIME',
    default: '300',
    meaning: 'For how long a nonce is good, in seconds from its issue.',
    schema: seconds(10, 86_400),
  },
  algorithms: {
    name: 'AUTH_ALGORITHMS',
    default: 'SHA-256 MD5',
    meaning:
      'Digest algorithms offered, in this order: `SHA-512-256`, `SHA-256`, `MD5`, each also with `-sess`. No other is accepted.',
    schema: textAs('some of SHA-512-256, SHA-256, MD5, each also with -sess, between spaces', readAlgorithms),
  },
  qop: {
    name: 'AUTH_QOP',
    default: 'auth',
    meaning: 'Quality of protection offered: `auth` or `auth,auth-int`.',
    schema: oneOf('auth', 'auth,auth-int'),
  },
  store: {
    name: 'AUTH_STORE',
    default: 'memory:',
    meaning: `Lock-out and cross-AOR replay state: memory: (one replica), or for several ${redisTargetForms}.`,
    secret: true,
    schema: textAs(`memory:, ${redisTargetForms}`, readStoreTarget),
  },
  // A registration waits for a command, not for a connection.
  ...redisVariables('AUTH_STORE', { connectMs: 2000, commandMs: 300 }),
  lockoutFailures: {
    name: 'AUTH_LOCKOUT_FAILURES',
    default: '20',
    meaning:
      'Failures of one user from one source, and 10 times as many from one source in all, before it is refused; 0 = off.',
    schema: wholeNumber(0, 1_000_000),
  },
  lockoutSec: {
    name: 'AUTH_LOCKOUT_SECONDS',
    default: '300',
    meaning: 'Within how many seconds failures add up, and for how long they then lock out.',
    schema: seconds(1, 86_400),
  },
  vectorLifetimeSec: {
    name: 'AUTH_VECTOR_LIFETIME',
    default: '3600',
    meaning:
      'For how long a registrar may keep a vector, in seconds. A change reaches it at once all the same.',
    schema: seconds(1, 86_400),
  },
} as const;

/** All variables of auth as a process of its own. */
export const authVariables = {
  grpcListen: {
    name: 'AUTH_GRPC_LISTEN',
    default: '0.0.0.0:50052',
    meaning: 'Where auth serves gRPC.',
    schema: grpcListen,
  },
  registrars: callersVariable('AUTH_GRPC_REGISTRARS', 'the registrars, who alone may ask for vectors'),
  redirects: callersVariable(
    'AUTH_GRPC_REDIRECTS',
    'the redirect services, who may ask for numbers and nothing else',
  ),
  ...authPolicyVariables,
  ...sharedVariables,
} as const;

/** What auth is to others over gRPC. */
export const grpcRoles: readonly GrpcRole[] = ['server'];

/** The part of the configuration that decides how auth behaves. */
export type AuthPolicyConfig = ConfigOf<typeof authPolicyVariables>;

/** The whole configuration of the process. */
export type AuthConfig = ConfigOf<typeof authVariables>;

/** Finds settings that contradict each other. */
export function checkAuthPolicy(
  config: RedisSettings & { readonly store: AuthStoreTarget },
): ConfigProblem[] {
  return checkRedis('AUTH_STORE', config.store.kind === 'memory' ? undefined : config.store, config);
}

/** @throws ConfigError with every problem */
export function readAuthConfig(env: NodeJS.ProcessEnv = process.env): AuthConfig {
  return readConfig(authVariables, env, (config) => [
    ...checkAuthPolicy(config),
    ...checkGrpcTls(config, grpcRoles, {
      AUTH_GRPC_REGISTRARS: config.registrars,
      AUTH_GRPC_REDIRECTS: config.redirects,
    }),
  ]);
}

/** The file that the nonce secrets come from; undefined where they are in the environment itself. */
export function nonceSecretsPath(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.AUTH_NONCE_SECRETS_FILE || undefined;
}

function readSources(text: string): readonly SubscriberSource[] | undefined {
  const sources = splitWords(text).map(readSource);
  const known = sources.filter((source) => source !== undefined);
  return known.length === 0 || known.length < sources.length ? undefined : known;
}

function readSource(word: string): SubscriberSource | undefined {
  if (word.startsWith('file:')) {
    const rest = word.slice('file:'.length);
    const path = decodePath(rest.startsWith('///') ? rest.slice(2) : rest);
    return path === '' ? undefined : { kind: 'file', path };
  }
  const kind = /^postgres(ql)?:\/\//.test(word)
    ? 'postgres'
    : /^https?:\/\/./.test(word)
      ? 'webhook'
      : undefined;
  return kind === undefined || !URL.canParse(word) ? undefined : { kind, url: word };
}

/** Escapes of a URI (RFC 8089), since spaces part sources; a path that has none, or no good ones, is as it stands. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function hidePasswords(text: string): string {
  return text.replace(/(:\/\/[^\s/@:]*):[^\s/@]*@/g, '$1:…@');
}

function readDomains(text: string): readonly string[] | undefined {
  const domains = splitWords(text).map(readDomainName);
  return domains.every((name) => name !== undefined) ? domains : undefined;
}

/** Secrets between spaces; undefined where one is too short. */
export function readSecrets(text: string): readonly string[] | undefined {
  const secrets = splitWords(text);
  return secrets.every((secret) => secret.length >= 16) ? secrets : undefined;
}

function readAlgorithms(text: string): readonly string[] | undefined {
  const names: string[] = [];
  for (const word of splitWords(text)) {
    const parameter = readAlgorithm(word);
    const name = parameter && parameter.algorithm + (parameter.sess ? '-sess' : '');
    if (name === undefined || names.includes(name)) return undefined;
    names.push(name);
  }
  return names.length === 0 ? undefined : names;
}

function readStoreTarget(text: string): AuthStoreTarget | undefined {
  return text === 'memory:' ? { kind: 'memory' } : parseRedisTarget(text);
}

function splitWords(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '');
}
