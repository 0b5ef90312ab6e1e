import { ServerCredentials } from '@grpc/grpc-js';
import { limits } from './limits.ts';
import { contextOptionsOf, type TlsSource } from './tls-source.ts';

/**
 * What a server proves itself with. Where its source has an authority, callers must prove themselves, too; the handshake
 * of any other fails. A renewed identity is that of the next handshake.
 */
export class TlsServerCredentials extends ServerCredentials {
  constructor(tls: TlsSource) {
    const asksCallers = tls.identity.ca !== undefined;
    super(
      {
        requestCert: asksCallers,
        rejectUnauthorized: asksCallers,
        handshakeTimeout: limits.handshakeTimeoutMs,
      },
      contextOptionsOf(tls.identity),
    );
    // All at once: no handshake sees the new certificate with the old authority.
    tls.onChange(() => this.updateSecureContextOptions(contextOptionsOf(tls.identity)));
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
