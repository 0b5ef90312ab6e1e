import type { z } from 'zod';
import { certificateNames, flag, grpcTarget, hostPort, oneOf } from './config-schemas.ts';
import type { ConfigOf, Variable } from './config-variables.ts';
import { grpcTlsVariables } from './grpc-tls-variables.ts';
import { logLevels } from './log-level.ts';
import { traceVariables } from './trace-variables.ts';

/** Variables that every service has. Spread into each service's table. */
export const sharedVariables = {
  httpListen: {
    name: 'HTTP_LISTEN',
    default: '0.0.0.0:8080',
    meaning: 'Where `/livez`, `/readyz`, `/metrics` and `/version` are served, as host:port.',
    schema: hostPort,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    default: 'info',
    meaning: `The least severe level that is logged: ${logLevels.join(', ')}.`,
    schema: oneOf(...logLevels),
  },
  logFormat: {
    name: 'LOG_FORMAT',
    default: '',
    defaultMeaning: 'json; pretty on a terminal',
    meaning: '`json` for machines, `pretty` for people.',
    schema: oneOf('', 'json', 'pretty'),
  },
  logAor: {
    name: 'LOG_AOR',
    default: 'hash',
    meaning: 'How logs name an AOR: `hash` (a short SHA-256) or `plain`.',
    schema: oneOf('hash', 'plain'),
  },
  heapSnapshots: {
    name: 'DEBUG_HEAP_SNAPSHOT',
    default: 'false',
    meaning:
      'True: `POST /debug/heap-snapshot` from the same machine answers with a snapshot of the heap, which holds secrets. The process stands still meanwhile, and needs as much memory again.',
    schema: flag,
  },
  ...grpcTlsVariables,
  ...traceVariables,
} as const;

/** What {@link sharedVariables} say of a process without environment that tells nobody anything. */
export const quietProcess: ConfigOf<typeof sharedVariables> = {
  httpListen: { host: '127.0.0.1', port: 0 },
  logLevel: 'silent',
  logFormat: 'json',
  logAor: 'hash',
  heapSnapshots: false,
  grpcTlsCertFile: '',
  grpcTlsKeyFile: '',
  grpcTlsCaFile: '',
  grpcTlsServerName: '',
  traceEndpoint: '',
  traceRatio: 0,
};

/** A variable that names the gRPC target of another service. */
export function targetVariable(
  name: string,
  port: number,
  meaning: string,
): Variable<string> & { schema: z.ZodType<string, string> } {
  return { name, default: `dns:///localhost:${port}`, meaning, schema: grpcTarget };
}

/** A variable that names those who may call a server of gRPC. @param meaning who they are, and what they may call */
export function callersVariable(
  name: string,
  meaning: string,
): Variable<readonly string[]> & { schema: z.ZodType<readonly string[], string> } {
  return {
    name,
    default: '',
    defaultMeaning: 'whoever has a certificate of GRPC_TLS_CA_FILE',
    meaning: `Names in the certificates of ${meaning}: host names or URIs, between spaces.`,
    schema: certificateNames,
  };
}
