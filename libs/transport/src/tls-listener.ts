import type { MessageSink } from './flow.ts';
import type { HostPort } from './host-port.ts';
import { StreamConnection } from './stream-connection.ts';
import { openServer, StreamListener, type StreamOptions, type StreamTransport } from './stream-listener.ts';
import type { TlsAcceptor } from './tls-acceptor.ts';

/**
 * Listens for SIP on TLS. Several listeners may share an acceptor. Rejects with the system's error when the address
 * cannot be bound.
 */
export async function listenTls(
  address: HostPort,
  sink: MessageSink,
  acceptor: TlsAcceptor,
  options: StreamOptions = {},
): Promise<StreamListener> {
  const tls: StreamTransport = {
    name: 'tls',
    handshake: (socket, ready) =>
      acceptor.accept(socket, (secure, peerDomains) =>
        ready(
          (parts) =>
            new StreamConnection(secure, peerDomains === undefined ? parts : { ...parts, peerDomains }),
        ),
      ),
  };
  return new StreamListener(await openServer(address, options), tls, sink, options);
}
