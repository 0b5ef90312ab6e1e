import {
  type ConfigOf,
  type ConfigProblem,
  grpcListen,
  oneOf,
  readConfig,
  seconds,
  sharedVariables,
  targetVariable,
  wholeNumber,
} from '@rollcall/runtime';

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
    meaning: 'Bindings per AOR; more get 403.',
    schema: wholeNumber(1, 1000),
  },
  pathWithoutSupported: {
    name: 'REGISTRAR_PATH_WITHOUT_SUPPORTED',
    default: 'accept',
    meaning:
      'What becomes of a Path from a phone that does not say `Supported: path`: `accept`, or `reject` (420).',
    schema: oneOf('accept', 'reject'),
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
} as const;

/** All variables of the registrar as a process of its own. */
export const registrarVariables = {
  grpcListen: {
    name: 'REGISTRAR_GRPC_LISTEN',
    default: '0.0.0.0:50051',
    meaning: 'Where the registrar serves gRPC.',
    schema: grpcListen,
  },
  auth: targetVariable('REGISTRAR_AUTH', 50052, 'gRPC target of auth.'),
  location: targetVariable('REGISTRAR_LOCATION', 50053, 'gRPC target of location.'),
  ...registrarPolicyVariables,
  ...sharedVariables,
} as const;

/** The part of the configuration that decides how the registrar behaves. */
export type RegistrarPolicyConfig = ConfigOf<typeof registrarPolicyVariables>;

/** The whole configuration of the process. */
export type RegistrarConfig = ConfigOf<typeof registrarVariables>;

/** Finds lifetimes that contradict each other. */
export function checkRegistrarPolicy(config: RegistrarPolicyConfig): ConfigProblem[] {
  const { minExpiresSec, defaultExpiresSec, maxExpiresSec } = config;
  const problems: ConfigProblem[] = [];
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
  return readConfig(registrarVariables, env, checkRegistrarPolicy);
}
