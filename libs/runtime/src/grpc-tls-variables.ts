import { anyText } from './config-schemas.ts';

/** Variables of TLS between services: part of those that every service has. */
export const grpcTlsVariables = {
  grpcTlsCertFile: {
    name: 'GRPC_TLS_CERT_FILE',
    default: '',
    defaultMeaning: 'no TLS',
    meaning:
      'PEM file of the certificate, with its chain, that this process shows over gRPC: to its callers, and to the services that it calls. Read again when it changes; open connections stay.',
    schema: anyText,
  },
  grpcTlsKeyFile: {
    name: 'GRPC_TLS_KEY_FILE',
    default: '',
    meaning: 'PEM file of its key.',
    schema: anyText,
  },
  grpcTlsCaFile: {
    name: 'GRPC_TLS_CA_FILE',
    default: '',
    meaning:
      'PEM file of the authorities that sign the certificates of the other side. Services called must then speak TLS and prove the name they are called by; callers must show a certificate (mutual TLS). A server without it asks its callers for none.',
    schema: anyText,
  },
  grpcTlsServerName: {
    name: 'GRPC_TLS_SERVER_NAME',
    default: '',
    defaultMeaning: "the target's host",
    meaning: 'The name that services called must prove instead, where all have one certificate.',
    schema: anyText,
  },
} as const;
