import type { SecureContextOptions } from 'node:tls';

/** Who a process is, and who may say who the others are; all PEM. */
export interface TlsIdentity {
  /** Its certificate with the chain; a client may have none. */
  readonly cert?: string | undefined;
  /** The key of the certificate. */
  readonly key?: string | undefined;
  /** Those who sign the certificates of the other side. A server without asks its callers for none. */
  readonly ca?: string | undefined;
}

/** What TLS is spoken with, now: it is renewed while the process runs. */
export interface TlsSource {
  /** What new connections use; it can be used, whoever gives it has seen to that. */
  readonly identity: TlsIdentity;
  /** The name that servers must prove; empty for that of the target. */
  readonly serverName: string;
  /** Calls back after `identity` has become another one. Connections that are open stay as they are. */
  onChange(listener: () => void): void;
}

/** What a handshake takes of an identity. */
export function contextOptionsOf({ cert, key, ca }: TlsIdentity): SecureContextOptions {
  // RFC 8996: nothing older than TLS 1.2; RFC 9113 section 9.2 asks for no less.
  return { cert, key, ca, minVersion: 'TLSv1.2' };
}
