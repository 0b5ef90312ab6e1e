import { gruuSecretsForm, readGruuSecrets } from '@rollcall/gruu';
import {
  type ConfigOf,
  callersVariable,
  checkGrpcTls,
  flag,
  type GrpcRole,
  grpcListen,
  readConfig,
  sharedVariables,
  targetVariable,
  textAs,
} from '@rollcall/runtime';

/** What decides how the redirect service behaves, wherever it runs. */
export const redirectPolicyVariables = {
  unknownAs480: {
    name: 'REDIRECT_UNKNOWN_AS_480',
    default: 'false',
    meaning:
      'true: unknown users get 480 as those who are not registered do, so that nobody learns who exists.',
    schema: flag,
  },
} as const;

/** All variables of the redirect service as a process of its own. */
export const redirectVariables = {
  grpcListen: {
    name: 'REDIRECT_GRPC_LISTEN',
    default: '0.0.0.0:50054',
    meaning: 'Where the redirect service serves gRPC.',
    schema: grpcListen,
  },
  edges: callersVariable('REDIRECT_GRPC_EDGES', 'the edges, who alone may call'),
  location: targetVariable('REDIRECT_LOCATION', 50053, 'gRPC target of location.'),
  auth: targetVariable('REDIRECT_AUTH', 50052, 'gRPC target of auth.'),
  // In standalone it is the registrar's.
  gruuSecrets: {
    name: 'REGISTRAR_GRUU_SECRETS',
    default: '',
    defaultMeaning: 'none: temporary GRUUs lead nowhere',
    meaning: 'Secrets of temporary GRUUs (RFC 5627), the same as in the registrar, which gives them out.',
    secret: true,
    schema: textAs(gruuSecretsForm, readGruuSecrets),
  },
  ...redirectPolicyVariables,
  ...sharedVariables,
} as const;

/** What the service is to others over gRPC. */
export const grpcRoles: readonly GrpcRole[] = ['server', 'client'];

/** The part of the configuration that decides how the service behaves. */
export type RedirectPolicyConfig = ConfigOf<typeof redirectPolicyVariables>;

/** The whole configuration of the process. */
export type RedirectConfig = ConfigOf<typeof redirectVariables>;

/** @throws ConfigError with every problem of the environment */
export function readRedirectConfig(env: NodeJS.ProcessEnv = process.env): RedirectConfig {
  return readConfig(redirectVariables, env, (config) =>
    checkGrpcTls(config, grpcRoles, { REDIRECT_GRPC_EDGES: config.edges }),
  );
}
