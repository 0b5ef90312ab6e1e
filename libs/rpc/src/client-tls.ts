import { isIP, type Socket } from 'node:net';
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect,
  createSecureContext,
  type SecureContext,
  type TLSSocket,
} from 'node:tls';
import { CallCredentials, ChannelCredentials, type experimental } from '@grpc/grpc-js';
import { limits } from './limits.ts';
import type { RpcClock } from './rpc-clock.ts';
import { contextOptionsOf, type TlsIdentity, type TlsSource } from './tls-source.ts';

/** What a client's handshakes need. */
export interface ClientTlsParts {
  readonly tls: TlsSource;
  /** The name, or address, that the server must prove; a channel knows the address only that the name led to. */
  readonly serverName: string;
  readonly clock: RpcClock;
  /** A handshake failed, on either side. */
  readonly onFailure: (reason: string) => void;
}

/**
 * What a client proves itself with, and what it asks of servers. Each handshake takes the source's identity of that
 * moment. Why one fails is told here: a channel would only ever say that nobody answers.
 */
export class TlsChannelCredentials extends ChannelCredentials {
  readonly #parts: ClientTlsParts;
  #made: { readonly of: TlsIdentity; readonly context: SecureContext } | undefined;

  constructor(parts: ClientTlsParts) {
    super();
    this.#parts = parts;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    _target: unknown,
    _options: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): experimental.SecureConnector {
    return {
      connect: (socket) => this.#handshake(socket),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    };
  }

  #handshake(socket: Socket): Promise<experimental.SecureConnectResult> {
    const { clock, onFailure } = this.#parts;
    return new Promise((resolve, reject) => {
      let secure = false;
      let failed = false;
      const fail = (error: Error) => {
        if (failed) return;
        failed = true;
        timer.cancel();
        onFailure(error.message);
        reject(error);
      };
      const secured: TLSSocket = connect(this.#optionsFor(socket), () => {
        secure = true;
        timer.cancel();
        resolve({ socket: secured, secure });
      });
      const timer = clock.after(limits.handshakeTimeoutMs, () =>
        secured.destroy(new Error('no TLS handshake in time')),
      );
      secured.on('error', (error: NodeJS.ErrnoException) => {
        if (!secure || error.code?.startsWith('ERR_SSL') === true) fail(error);
      });
      secured.once('close', () => {
        // In TLS 1.3 a server says no to a client's certificate once the client is done (RFC 8446 section 4.4.2.4), or hangs up.
        if (!secure) fail(new Error('the connection was closed in the TLS handshake'));
        else if (secured.bytesRead === 0)
          fail(
            new Error(
              'the server closed the connection after the TLS handshake: it may not trust our certificate',
            ),
          );
      });
    });
  }

  #optionsFor(socket: Socket): ConnectionOptions {
    const { serverName } = this.#parts;
    return {
      socket,
      secureContext: this.#context(),
      ALPNProtocols: ['h2'],
      // An address is no server name (RFC 6066 section 3), but a certificate may be for it.
      servername: isIP(serverName) === 0 ? serverName : '',
      checkServerIdentity: (_name, certificate) => checkServerIdentity(serverName, certificate),
    };
  }

  #context(): SecureContext {
    const { identity } = this.#parts.tls;
    if (this.#made?.of !== identity)
      this.#made = { of: identity, context: createSecureContext(contextOptionsOf(identity)) };
    return this.#made.context;
  }
}
