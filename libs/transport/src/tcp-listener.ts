import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import type { Flow, MessageSink } from './flow.ts';
import { formatHostPort, type HostPort } from './host-port.ts';
import { peerOf } from './ip-address.ts';
import { StreamConnection } from './stream-connection.ts';
import { openServer, StreamListener, type StreamOptions, type StreamTransport } from './stream-listener.ts';

/** TCP: a connected socket is a flow at once. */
const tcp: StreamTransport = {
  name: 'tcp',
  handshake: (socket, ready) => ready((parts) => new StreamConnection(socket, parts)),
};

/** Listens for SIP on TCP. Rejects with the system's error when the address cannot be bound. */
export async function listenTcp(
  address: HostPort,
  sink: MessageSink,
  options: StreamOptions = {},
): Promise<TcpListener> {
  return new TcpListener(await openServer(address, options), sink, options);
}

/** A listener that makes connections, too. */
export class TcpListener extends StreamListener {
  constructor(server: Server, sink: MessageSink, options: StreamOptions) {
    super(server, tcp, sink, options);
  }

  /**
   * Opens a connection to an IP literal, where a response must go whose own connection is gone (RFC 3261 §18.2.2), or a
   * request too large for UDP (§18.1.1). It counts and lives like an accepted one. Rejects when it is not made in time.
   */
  async connect(remote: HostPort, timeoutMs: number): Promise<Flow> {
    const socket = connect({ host: remote.host, port: remote.port, allowHalfOpen: true });
    const where = formatHostPort(remote);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
    } catch (cause) {
      socket.destroy();
      throw new Error(`no connection to ${where} within ${timeoutMs} ms`, { cause });
    }
    const flow = this.connections.admit(socket, peerOf(socket))
      ? this.connections.open(socket, (parts) => new StreamConnection(socket, parts))
      : undefined;
    if (flow === undefined) throw new Error(`no connection to ${where}: the limit of connections is reached`);
    return flow;
  }
}
