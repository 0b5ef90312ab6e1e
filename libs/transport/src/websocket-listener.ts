import type { MessageSink } from './flow.ts';
import type { HostPort } from './host-port.ts';
import { openServer, StreamListener, type StreamOptions, type StreamTransport } from './stream-listener.ts';
import type { TlsAcceptor } from './tls-acceptor.ts';
import type { WebSocketAcceptor } from './websocket-acceptor.ts';
import { WebSocketConnection } from './websocket-connection.ts';

/**
 * Listens for SIP on WebSockets (RFC 7118). Rejects with the system's error when the address cannot be bound.
 *
 * @param tls makes it `wss`; without it the listener is `ws`
 */
export async function listenWebSocket(
  address: HostPort,
  sink: MessageSink,
  acceptors: { readonly webSocket: WebSocketAcceptor; readonly tls?: TlsAcceptor },
  options: StreamOptions = {},
): Promise<StreamListener> {
  const { webSocket, tls } = acceptors;
  const upgrade: StreamTransport['handshake'] = (socket, ready) =>
    webSocket.accept(socket, (accepted, itsSocket) =>
      ready((parts) => new WebSocketConnection(accepted, itsSocket, parts)),
    );
  const transport: StreamTransport =
    tls === undefined
      ? { name: 'ws', handshake: upgrade }
      : { name: 'wss', handshake: (socket, ready) => tls.accept(socket, (secure) => upgrade(secure, ready)) };
  return new StreamListener(await openServer(address, options), transport, sink, options);
}
