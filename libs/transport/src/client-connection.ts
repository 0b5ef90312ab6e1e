import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import type { Flow, MessageSink } from './flow.ts';
import { formatHostPort, type HostPort } from './host-port.ts';
import { peerOf } from './ip-address.ts';
import { peerDomainsOf, provesDomain } from './peer-domains.ts';
import { type ConnectionParts, StreamConnection } from './stream-connection.ts';
import { DEFAULT_STREAM_LIMITS } from './stream-limits.ts';
import { createTransportStats } from './transport-stats.ts';
import { SIP_SUBPROTOCOL, webSocketBounds } from './websocket-acceptor.ts';
import { WebSocketConnection } from './websocket-connection.ts';

/** Whom a client of TLS trusts. */
export interface ClientTrust {
  /** The SIP domain that the server must prove (RFC 5922 §7.3), and that it is asked for by (SNI). */
  readonly domain: string;
  /** PEM of who may have signed the server's certificate; default: those whom Node trusts. */
  readonly ca?: string;
  /** Trusts whoever answers. */
  readonly insecure?: boolean;
}

/** Settings of {@link openClientConnection}. */
export interface ClientConnectionOptions {
  readonly transport: 'tls' | 'ws' | 'wss';
  /** An IP literal. */
  readonly server: HostPort;
  readonly trust: ClientTrust;
  /** For all handshakes together. */
  readonly timeoutMs: number;
}

/** A client's connection. */
export interface ClientConnection {
  readonly flow: Flow;
  close(): Promise<void>;
}

/**
 * Opens a connection to a server by TLS or WebSocket. Rejects where it is not made in time, or the server is not who it
 * should be: over TLS by the rules of RFC 5922 §7, without wildcards, over a secure WebSocket by those of HTTPS.
 */
export async function openClientConnection(
  options: ClientConnectionOptions,
  sink: MessageSink,
): Promise<ClientConnection> {
  const { transport, server, trust } = options;
  const signal = AbortSignal.timeout(options.timeoutMs);
  const socket = connectTcp({ host: server.host, port: server.port });
  try {
    await once(socket, 'connect', { signal });
    const secured = transport === 'ws' ? socket : await secure(socket, transport, trust, signal);
    const parts = partsOf(transport, peerOf(socket), sink);
    const flow =
      transport === 'tls'
        ? new StreamConnection(secured, parts)
        : new WebSocketConnection(await upgrade(secured, server, signal), secured, parts);
    const closed = new Promise<void>((resolve) => {
      secured.once('close', () => resolve());
    });
    return {
      flow,
      close: async () => {
        flow.abort('shutdown');
        await closed;
      },
    };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

async function secure(
  socket: Socket,
  transport: 'tls' | 'wss',
  { domain, ca, insecure = false }: ClientTrust,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const rules: ConnectionOptions = transport === 'tls' ? { checkServerIdentity: () => undefined } : {};
  const secured = connectTls({
    socket,
    servername: domain,
    rejectUnauthorized: !insecure,
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca }),
    ...rules,
  });
  await once(secured, 'secureConnect', { signal });
  if (transport === 'tls' && !insecure) demandDomain(secured, domain);
  return secured;
}

function demandDomain(socket: TLSSocket, domain: string): void {
  const certificate = socket.getPeerX509Certificate();
  const proven = certificate === undefined ? [] : peerDomainsOf(certificate);
  if (provesDomain(proven, domain)) return;
  throw new Error(`its certificate is for ${proven.join(', ') || 'no domain'}, not for ${domain}`);
}

async function upgrade(socket: Socket, server: HostPort, signal: AbortSignal): Promise<WebSocket> {
  // The connection is there, secured where it must be: what is spoken over it is plain HTTP.
  const webSocket = new WebSocket(`ws://${formatHostPort(server)}/`, SIP_SUBPROTOCOL, {
    ...webSocketBounds(DEFAULT_STREAM_LIMITS.messageBytes),
    createConnection: () => socket,
  });
  try {
    await once(webSocket, 'open', { signal });
    return webSocket;
  } catch (error) {
    webSocket.on('error', () => undefined);
    webSocket.terminate();
    throw error;
  }
}

function partsOf(transport: 'tls' | 'ws' | 'wss', remote: HostPort, sink: MessageSink): ConnectionParts {
  return {
    transport,
    remote,
    flowToken: 'client',
    sink,
    stats: createTransportStats(),
    limits: DEFAULT_STREAM_LIMITS,
    onClosed: (connection, reason) => sink.onFlowClosed?.(connection, reason),
  };
}
