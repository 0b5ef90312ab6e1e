import { checkRedis, redisVariables } from '@rollcall/redis';
import {
  type ConfigOf,
  type ConfigProblem,
  callersVariable,
  checkGrpcTls,
  flag,
  type GrpcRole,
  grpcListen,
  readConfig,
  sharedVariables,
  textAs,
  wholeNumber,
} from '@rollcall/runtime';
import { parseStoreTarget, storeTargetForms } from './store/store-target.ts';

/** What decides how location behaves, wherever it runs. */
export const locationStoreVariables = {
  store: {
    name: 'LOCATION_STORE',
    default: 'memory:',
    meaning: `Where bindings are kept: ${storeTargetForms}.`,
    schema: textAs(storeTargetForms, parseStoreTarget),
    // It may hold the password of Redis.
    secret: true,
  },
  // With these a phone is answered within a second when Redis is silent.
  ...redisVariables('LOCATION_STORE', { connectMs: 800, commandMs: 800 }),
  minReplicasAck: {
    name: 'LOCATION_MIN_REPLICAS_ACK',
    default: '0',
    meaning: 'Redis replicas that must have a write before it is acknowledged (WAIT); 0 = the primary alone.',
    schema: wholeNumber(0, 5),
  },
  cacheSize: {
    name: 'LOCATION_CACHE_SIZE',
    default: '100000',
    meaning:
      'Most records remembered here to save Redis a question, about 1 kB each; look-ups never use them.',
    schema: wholeNumber(1, 10_000_000),
  },
  watchHistory: {
    name: 'LOCATION_WATCH_HISTORY',
    default: '1024',
    meaning:
      'Changes kept in each of the 64 shards, for watches that resume; 1024 are some 10 MB of Redis in all, and the last 13 s at 5,000 registrations a second.',
    schema: wholeNumber(16, 1_000_000),
  },
  logChanges: {
    name: 'LOCATION_LOG_CHANGES',
    default: 'false',
    meaning: 'True: one line at level info for each binding that is created, refreshed, removed or expired.',
    schema: flag,
  },
} as const;

/** Who may call location. */
export const locationCallerVariables = {
  registrars: callersVariable(
    'LOCATION_GRPC_REGISTRARS',
    'the registrars, who alone may change bindings by BindingService',
  ),
  redirects: callersVariable(
    'LOCATION_GRPC_REDIRECTS',
    'the redirect services, who may look up by BindingService and nothing else',
  ),
  clients: callersVariable(
    'LOCATION_GRPC_CLIENTS',
    'other services, who may call LocationService, which can remove bindings; registrars may as well',
  ),
} as const;

/** All variables of location as a process of its own. */
export const locationVariables = {
  grpcListen: {
    name: 'LOCATION_GRPC_LISTEN',
    default: '0.0.0.0:50053',
    meaning: 'Where location serves gRPC.',
    schema: grpcListen,
  },
  reflection: {
    name: 'LOCATION_REFLECTION',
    default: 'true',
    meaning:
      'True: tools such as grpcurl may ask for the public contract (gRPC server reflection). False where strangers reach the port.',
    schema: flag,
  },
  ...locationCallerVariables,
  ...locationStoreVariables,
  ...sharedVariables,
} as const;

/** The part of the configuration that decides how location behaves. */
export type LocationStoreConfig = ConfigOf<typeof locationStoreVariables>;

/** The whole configuration of the process. */
export type LocationConfig = ConfigOf<typeof locationVariables>;

/** What location is to others over gRPC. */
export const grpcRoles: readonly GrpcRole[] = ['server'];

/** The names of those who may call location, by variable. */
export function locationCallerLists(config: ConfigOf<typeof locationCallerVariables>) {
  return {
    LOCATION_GRPC_REGISTRARS: config.registrars,
    LOCATION_GRPC_REDIRECTS: config.redirects,
    LOCATION_GRPC_CLIENTS: config.clients,
  };
}

/** Finds settings that contradict each other. */
export function checkLocationStore(config: LocationStoreConfig): ConfigProblem[] {
  const { store } = config;
  const problems = checkRedis('LOCATION_STORE', store.kind === 'memory' ? undefined : store, config);
  if (config.minReplicasAck === 0 || store.kind === 'redis' || store.kind === 'sentinel') return problems;
  return [
    ...problems,
    {
      variable: 'LOCATION_MIN_REPLICAS_ACK',
      value: String(config.minReplicasAck),
      problem:
        store.kind === 'memory'
          ? 'must be 0 with the memory store, which has no replicas'
          : 'must be 0 with a cluster; set min-replicas-to-write in its nodes instead',
    },
  ];
}

/** @throws ConfigError with every problem of the environment */
export function readLocationConfig(env: NodeJS.ProcessEnv = process.env): LocationConfig {
  return readConfig(locationVariables, env, (config) => [
    ...checkLocationStore(config),
    ...checkGrpcTls(config, grpcRoles, locationCallerLists(config)),
  ]);
}
