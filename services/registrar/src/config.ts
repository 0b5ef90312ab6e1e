import { gruuSecretsForm, readGruuSecrets } from '@rollcall/gruu';
import {
  type ConfigOf,
  type ConfigProblem,
  callersVariable,
  checkGrpcTls,
  flag,
  type GrpcRole,
  grpcListen,
  oneOf,
  readConfig,
  seconds,
  sharedVariables,
  targetVariable,
  textAs,
  wholeNumber,
} from '@rollcall/runtime';
import { readServiceRoute, serviceRouteForm } from './service-route.ts';

/** A year: longer lifetimes are mistakes. */
const longestExpirySec = 31_536_000;

/** What decides how the registrar behaves, wherever it runs. */
export const registrarPolicyVariables = {
  defaultExpiresSec: {
    name: 'REGISTRAR_DEFAULT_EXPIRES',
    default: '3600',
    meaning: 'Seconds a binding lives where the phone does not say.',
    schema: seconds(1, longestExpirySec),
  },
  minExpiresSec: {
    name: 'REGISTRAR_MIN_EXPIRES',
    default: '60',
    meaning: 'Shortest lifetime in seconds; a shorter wish below one hour gets 423.',
    schema: seconds(1, longestExpirySec),
  },
  maxExpiresSec: {
    name: 'REGISTRAR_MAX_EXPIRES',
    default: '7200',
    meaning: 'Longest lifetime in seconds; a longer wish is shortened.',
    schema: seconds(1, longestExpirySec),
  },
  jitterPercent: {
    name: 'REGISTRAR_EXPIRES_JITTER',
    default: '10',
    meaning: 'A granted lifetime is shortened by up to this many percent, never below the minimum; 0 = off.',
    schema: wholeNumber(0, 90),
  },
  maxContacts: {
    name: 'REGISTRAR_MAX_CONTACTS',
    default: '10',
    meaning: 'Bindings per AOR; what becomes of more, REGISTRAR_MAX_CONTACTS_POLICY says.',
    schema: wholeNumber(1, 1000),
  },
  maxContactsPolicy: {
    name: 'REGISTRAR_MAX_CONTACTS_POLICY',
    default: 'reject',
    meaning:
      'What a new binding beyond the limit meets: `reject` (403), or `replace-oldest`: that registered longest ago goes.',
    schema: oneOf('reject', 'replace-oldest'),
  },
  pathWithoutSupported: {
    name: 'REGISTRAR_PATH_WITHOUT_SUPPORTED',
    default: 'accept',
    meaning:
      'What becomes of a Path from a phone that does not say `Supported: path`: `accept`, or `reject` (420).',
    schema: oneOf('accept', 'reject'),
  },
  sipsWithoutTls: {
    name: 'REGISTRAR_SIPS_WITHOUT_TLS',
    default: 'reject',
    meaning:
      'What becomes of a REGISTER with a sips Request-URI that reached the edge neither by TLS nor by secure WebSocket: `reject` (403), or `accept` where TLS ends in front of the edge.',
    schema: oneOf('reject', 'accept'),
  },
  mixedSips: {
    name: 'REGISTRAR_MIXED_SIPS',
    default: 'accept',
    meaning:
      'What becomes of a REGISTER whose Request-URI, Contacts and Path are some sips and some sip: `accept`, or `reject` (400), as RFC 5630 has it. Callers of a sips address are led to sips Contacts alone in any case.',
    schema: oneOf('accept', 'reject'),
  },
  serviceRoute: {
    name: 'REGISTRAR_SERVICE_ROUTE',
    default: '',
    meaning:
      'Service-Route told to phones that register (RFC 3608), topmost first: `<sip:out.example.com;lr>`, several between commas.',
    schema: textAs(serviceRouteForm, readServiceRoute),
  },
  pAssociatedUri: {
    name: 'REGISTRAR_P_ASSOCIATED_URI',
    default: 'false',
    meaning:
      "true: phones that register are told their subscriber's AORs and numbers (P-Associated-URI, RFC 7315).",
    schema: flag,
  },
  authenticationInfo: {
    name: 'REGISTRAR_AUTHENTICATION_INFO',
    default: 'false',
    meaning:
      'true: each 200 proves to the phone that its password is known here, and gives it the next nonce before its own ends (Authentication-Info, RFC 7616).',
    schema: flag,
  },
  gruuSecrets: {
    name: 'REGISTRAR_GRUU_SECRETS',
    default: '',
    defaultMeaning: 'none: no temporary GRUUs; random per start in standalone',
    meaning:
      'Secrets of temporary GRUUs (RFC 5627), of 16 characters or more, between spaces: the first seals, all open. The same on every registrar and redirect service.',
    secret: true,
    schema: textAs(gruuSecretsForm, readGruuSecrets),
  },
  pushProviders: {
    name: 'REGISTRAR_PUSH_PROVIDERS',
    default: 'apns fcm webpush',
    meaning:
      'Push services by which somebody wakes phones up (RFC 8599), between spaces. Others get 555. Phones that are told so may sleep: set it to nothing where nobody wakes them; pn parameters are then kept as any other.',
    schema: textAs('names of push services between spaces, for example apns fcm', readProviders),
  },
  subscriptionMinSec: {
    name: 'REGISTRAR_SUBSCRIPTION_MIN_EXPIRES',
    default: '60',
    meaning:
      'Shortest duration in seconds of a subscription to a registration (RFC 3680); a shorter wish below one hour gets 423.',
    schema: seconds(1, longestExpirySec),
  },
  subscriptionMaxSec: {
    name: 'REGISTRAR_SUBSCRIPTION_MAX_EXPIRES',
    default: '7200',
    meaning: 'Longest duration in seconds of such a subscription; a longer wish is shortened.',
    schema: seconds(1, longestExpirySec),
  },
  authMode: {
    name: 'REGISTRAR_AUTH_MODE',
    default: 'vector',
    meaning:
      '`vector`: verify with vectors from auth, kept here; `verify`: ask auth each time, HA1 stays there.',
    schema: oneOf('vector', 'verify'),
  },
  vectorGraceSec: {
    name: 'REGISTRAR_VECTOR_GRACE',
    default: '300',
    meaning: 'Seconds for which kept vectors go on serving refreshes while no auth answers; 0 = not at all.',
    schema: seconds(0, 86_400),
  },
  vectorCacheSize: {
    name: 'REGISTRAR_VECTOR_CACHE_SIZE',
    default: '100000',
    meaning: 'Most authentication vectors kept, about 1 kB each.',
    schema: wholeNumber(1, 10_000_000),
  },
  logPerSecond: {
    name: 'REGISTRAR_LOG_PER_SECOND',
    default: '20',
    meaning:
      'Most lines a second about registrations that were granted, and as many about others; at LOG_LEVEL=debug all are written. 0 = none.',
    schema: wholeNumber(0, 10_000),
  },
} as const;

/** All variables of the registrar as a process of its own. */
export const registrarVariables = {
  grpcListen: {
    name: 'REGISTRAR_GRPC_LISTEN',
    default: '0.0.0.0:50051',
    meaning: 'Where the registrar serves gRPC.',
    schema: grpcListen,
  },
  edges: callersVariable('REGISTRAR_GRPC_EDGES', 'the edges, who alone may call'),
  auth: targetVariable('REGISTRAR_AUTH', 50052, 'gRPC target of auth.'),
  location: targetVariable('REGISTRAR_LOCATION', 50053, 'gRPC target of location.'),
  ...registrarPolicyVariables,
  ...sharedVariables,
} as const;

const providerName = /^[a-z0-9][a-z0-9._-]*$/;

function readProviders(text: string): readonly string[] | undefined {
  const providers = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((word) => word !== '');
  return providers.every((provider) => providerName.test(provider)) ? providers : undefined;
}

/** What the registrar is to others over gRPC. */
export const grpcRoles: readonly GrpcRole[] = ['server', 'client'];

/** The part of the configuration that decides how the registrar behaves. */
export type RegistrarPolicyConfig = ConfigOf<typeof registrarPolicyVariables>;

/** The whole configuration of the process. */
export type RegistrarConfig = ConfigOf<typeof registrarVariables>;

/** Finds lifetimes that contradict each other. */
export function checkRegistrarPolicy(config: RegistrarPolicyConfig): ConfigProblem[] {
  const { minExpiresSec, defaultExpiresSec, maxExpiresSec, subscriptionMinSec, subscriptionMaxSec } = config;
  const problems: ConfigProblem[] = [];
  if (subscriptionMinSec > subscriptionMaxSec) {
    problems.push({
      variable: 'REGISTRAR_SUBSCRIPTION_MIN_EXPIRES',
      value: String(subscriptionMinSec),
      problem: `must not exceed REGISTRAR_SUBSCRIPTION_MAX_EXPIRES (${subscriptionMaxSec})`,
    });
  }
  if (minExpiresSec > maxExpiresSec) {
    problems.push({
      variable: 'REGISTRAR_MIN_EXPIRES',
      value: String(minExpiresSec),
      problem: `must not exceed REGISTRAR_MAX_EXPIRES (${maxExpiresSec})`,
    });
  }
  if (defaultExpiresSec < minExpiresSec || defaultExpiresSec > maxExpiresSec) {
    problems.push({
      variable: 'REGISTRAR_DEFAULT_EXPIRES',
      value: String(defaultExpiresSec),
      problem: `must lie between REGISTRAR_MIN_EXPIRES (${minExpiresSec}) and REGISTRAR_MAX_EXPIRES (${maxExpiresSec})`,
    });
  }
  return problems;
}

/** @throws ConfigError with every problem of the environment */
export function readRegistrarConfig(env: NodeJS.ProcessEnv = process.env): RegistrarConfig {
  return readConfig(registrarVariables, env, (config) => [
    ...checkRegistrarPolicy(config),
    ...checkGrpcTls(config, grpcRoles, { REGISTRAR_GRPC_EDGES: config.edges }),
  ]);
}
