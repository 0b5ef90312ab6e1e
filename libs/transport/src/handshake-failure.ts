/** Why a TLS handshake came to nothing, by whose part it is. */
export const handshakeFailures = [
  /** The client speaks another protocol, or garbage. */
  'not_tls',
  /** No version of TLS that both have. */
  'version',
  /** No cipher that both have. */
  'cipher',
  /** The client's certificate is missing or not good. */
  'client_certificate',
  /** The client does not accept our certificate. */
  'own_certificate',
  /** The connection ended, or was ended for its slowness. */
  'unfinished',
  'other',
] as const;

/** One of {@link handshakeFailures}. */
export type HandshakeFailure = (typeof handshakeFailures)[number];

/** The first pattern that fits what OpenSSL, by way of Node, calls it. */
const patterns: readonly (readonly [RegExp, HandshakeFailure])[] = [
  [/ECONNRESET|EPIPE|UNEXPECTED_EOF/, 'unfinished'],
  [/PEER_DID_NOT_RETURN|VERIFY_FAILED|UNABLE_TO|SELF_SIGNED|CERT_HAS|^CERT_/, 'client_certificate'],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED)/,
    'own_certificate',
  ],
  [/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW|PROTOCOL_VERSION/, 'version'],
  [/NO_SHARED_CIPHER|NO_SUITABLE/, 'cipher'],
  [/HTTP_REQUEST|HTTPS_PROXY|WRONG_VERSION|RECORD_|PACKET_LENGTH|BAD_/, 'not_tls'],
];

/** Sorts the error of a handshake by its code. */
export function failureOf(error: Error): HandshakeFailure {
  const code = 'code' in error ? String(error.code) : '';
  return patterns.find(([pattern]) => pattern.test(code))?.[1] ?? 'other';
}
