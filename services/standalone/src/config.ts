import { authPolicyVariables, checkAuthPolicy, nonceSecretsPath } from '@rollcall/auth';
import { checkEdgePolicy, edgePolicyVariables } from '@rollcall/edge';
import {
  checkLocationStore,
  locationCallerLists,
  locationCallerVariables,
  locationStoreVariables,
  locationVariables,
} from '@rollcall/location';
import { redirectPolicyVariables } from '@rollcall/redirect';
import { checkRegistrarPolicy, registrarPolicyVariables } from '@rollcall/registrar';
import {
  ConfigError,
  type ConfigProblem,
  checkGrpcTls,
  type GrpcRole,
  oneOf,
  readConfig,
  sharedVariables,
} from '@rollcall/runtime';

/** AUTH_SUBSCRIBERS of a first run: two subscribers of example.com. */
export const demoSubscribers = new URL('../demo-subscribers.yaml', import.meta.url).href;

/** What a person at a terminal wants is not what a log collector wants: text, and nothing that is not worth reading. */
const processVariables = {
  ...sharedVariables,
  logLevel: { ...sharedVariables.logLevel, default: 'warn' },
  logFormat: {
    ...sharedVariables.logFormat,
    default: 'pretty',
    defaultMeaning: 'pretty',
    schema: oneOf('json', 'pretty'),
  },
} as const;

/** All variables of standalone: those of the five services that are not about reaching each other. */
export const standaloneVariables = {
  edge: {
    ...edgePolicyVariables,
    // What every Linux allows: a first start is without warnings.
    udpReceiveBufferBytes: { ...edgePolicyVariables.udpReceiveBufferBytes, default: '212992' },
  },
  registrar: registrarPolicyVariables,
  auth: {
    ...authPolicyVariables,
    subscribers: {
      ...authPolicyVariables.subscribers,
      default: demoSubscribers,
      defaultMeaning: 'two demo subscribers of example.com',
    },
  },
  location: {
    grpcListen: locationVariables.grpcListen,
    reflection: locationVariables.reflection,
    ...locationCallerVariables,
    ...locationStoreVariables,
  },
  redirect: redirectPolicyVariables,
  process: processVariables,
} as const;

/** What standalone is to others over gRPC. */
export const grpcRoles: readonly GrpcRole[] = ['server'];

/**
 * Reads the configuration of all parts from the environment.
 *
 * @throws ConfigError with every problem of every part
 */
export function readStandaloneConfig(env: NodeJS.ProcessEnv = process.env) {
  const problems: ConfigProblem[] = [];
  const tables = standaloneVariables;
  const parts = {
    edge: collect(problems, () => readConfig(tables.edge, env, (config) => checkEdgePolicy(config))),
    registrar: collect(problems, () => readConfig(tables.registrar, env, checkRegistrarPolicy)),
    auth: collect(problems, () => readConfig(tables.auth, env, checkAuthPolicy)),
    location: collect(problems, () => readConfig(tables.location, env, checkLocationStore)),
    redirect: collect(problems, () => readConfig(tables.redirect, env)),
    process: collect(problems, () => readConfig(tables.process, env)),
  };
  if (parts.process && parts.location)
    problems.push(...checkGrpcTls(parts.process, grpcRoles, locationCallerLists(parts.location)));
  if (problems.length > 0) throw new ConfigError(problems);
  const { edge, registrar, auth, location, redirect, process: shared } = parts;
  if (!edge || !registrar || !auth || !location || !redirect || !shared) throw new ConfigError(problems);
  return {
    edge,
    registrar,
    auth,
    location,
    redirect,
    process: shared,
    nonceSecretsPath: nonceSecretsPath(env),
    demo: env.AUTH_SUBSCRIBERS === undefined,
  };
}

/** The configuration of all parts. */
export type StandaloneConfig = ReturnType<typeof readStandaloneConfig>;

/** What `read` gives, or undefined with its problems noted. */
function collect<T>(problems: ConfigProblem[], read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    problems.push(...error.problems);
    return undefined;
  }
}
