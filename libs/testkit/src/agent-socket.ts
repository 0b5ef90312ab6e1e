import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { formatHostPort, type HostPort } from '@rollcall/transport';
import { type ClientOptions, WebSocket } from 'ws';

/** The SIP transports that the test agent speaks. */
export type AgentTransport = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** Whom the agent trusts over `tls` and `wss`, and who it is. */
export interface AgentTls {
  /** PEM of who signs the server's certificate; whom it is for is not looked at. */
  readonly ca: string;
  /** The name that is asked for (SNI). */
  readonly serverName?: string;
  /** The agent's own certificate, PEM. */
  readonly cert?: string;
  readonly key?: string;
}

/** What arrives at a socket. */
export interface AgentSocketSink {
  /** One datagram; or one message of a stream, or the CRLF that answers a keep-alive (RFC 5626 §4.4.1). */
  onBytes(bytes: Buffer): void;
  /** The socket is of no more use. */
  onEnd(reason: Error): void;
}

/** An open socket between the agent and its server. */
export interface AgentSocket {
  readonly local: HostPort;
  send(bytes: Buffer): void;
  close(): Promise<void>;
}

/** Opens a socket to the server; port 0 as the local one takes any. */
export function openAgentSocket(
  transport: AgentTransport,
  server: HostPort,
  local: HostPort,
  sink: AgentSocketSink,
  tls?: AgentTls,
): Promise<AgentSocket> {
  switch (transport) {
    case 'udp':
      return openUdp(server, local, sink);
    case 'tcp':
      return openTcp(server, local, sink);
    case 'tls':
      return openTls(server, sink, tls);
    default:
      return openWebSocket(transport, server, sink, tls);
  }
}

/**
 * A connected UDP socket: answers from any other address than the server's are not seen, as a phone behind NAT would
 * not see them, and a port that nobody listens on is noticed at once.
 */
async function openUdp(server: HostPort, local: HostPort, sink: AgentSocketSink): Promise<AgentSocket> {
  const socket: UdpSocket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(local.port, local.host);
  await once(socket, 'listening');
  socket.connect(server.port, server.host);
  await once(socket, 'connect');
  socket.on('message', (bytes) => sink.onBytes(bytes));
  // An ICMP error: the datagram is lost, the socket stays. The one waiting for an answer finds out by its time limit.
  socket.on('error', () => undefined);
  const { address, port } = socket.address();
  return {
    local: { host: address, port },
    // Errors of one send are losses, as on any network.
    send: (bytes) => socket.send(bytes, () => undefined),
    close: async () => {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}

async function openTcp(server: HostPort, local: HostPort, sink: AgentSocketSink): Promise<AgentSocket> {
  const socket: TcpSocket = connect({
    host: server.host,
    port: server.port,
    localAddress: local.host,
    ...(local.port === 0 ? {} : { localPort: local.port }),
  });
  await once(socket, 'connect');
  return openStream(socket, sink);
}

async function openTls(server: HostPort, sink: AgentSocketSink, tls?: AgentTls): Promise<AgentSocket> {
  const socket = connectTls({ host: server.host, port: server.port, ...tlsOptions(tls) });
  await once(socket, 'secureConnect');
  return openStream(socket, sink);
}

function tlsOptions(tls: AgentTls | undefined) {
  if (tls === undefined) throw new TypeError('the agent needs to know whom to trust');
  const { ca, serverName, cert, key } = tls;
  return {
    ca,
    checkServerIdentity: () => undefined,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
  };
}

function openStream(socket: TcpSocket, sink: AgentSocketSink): AgentSocket {
  socket.setNoDelay(true);
  let pending: Buffer = Buffer.alloc(0);
  let problem = new Error('the server closed the connection');
  socket.on('data', (chunk: Buffer) => {
    pending = takeFrames(pending.length === 0 ? chunk : Buffer.concat([pending, chunk]), sink);
  });
  socket.on('error', (error) => {
    problem = error;
  });
  // Not `once`: that rejects where the connection is reset, which nobody may be waiting for.
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      sink.onEnd(problem);
      resolve();
    });
  });
  return {
    local: { host: socket.localAddress ?? '', port: socket.localPort ?? 0 },
    send: (bytes) => {
      socket.write(bytes);
    },
    close: async () => {
      socket.destroy();
      await closed;
    },
  };
}

/** Each message and each keep-alive is a message of the WebSocket (RFC 7118 §5). */
async function openWebSocket(
  scheme: 'ws' | 'wss',
  server: HostPort,
  sink: AgentSocketSink,
  tls?: AgentTls,
): Promise<AgentSocket> {
  const options = scheme === 'ws' ? {} : tlsOptions(tls);
  const webSocket = new WebSocket(`${scheme}://${formatHostPort(server)}/`, 'sip', options as ClientOptions);
  webSocket.on('message', (data) => sink.onBytes(data as Buffer));
  webSocket.on('error', () => undefined);
  const closed = once(webSocket, 'close').then(([code]) =>
    sink.onEnd(new Error(`the server closed the WebSocket (${code})`)),
  );
  await once(webSocket, 'open');
  return {
    // A browser does not know its address; RFC 7118 §5 gives it a name that no DNS knows.
    local: { host: `${randomBytes(6).toString('hex')}.invalid`, port: 0 },
    send: (bytes) => webSocket.send(bytes, { binary: !isUtf8(bytes) }),
    close: async () => {
      webSocket.terminate();
      await closed;
    },
  };
}

/** Hands on the complete messages of a stream by Content-Length (RFC 3261 §18.3), and returns what is left. */
function takeFrames(stream: Buffer, sink: AgentSocketSink): Buffer {
  let rest = stream;
  for (;;) {
    if (rest.subarray(0, 2).equals(crlf)) {
      sink.onBytes(rest.subarray(0, 2));
      rest = rest.subarray(2);
      continue;
    }
    const headEnd = rest.indexOf('\r\n\r\n');
    if (headEnd < 0) return rest;
    const head = rest.toString('latin1', 0, headEnd + 2);
    const bodyLength = Number(/^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0);
    const end = headEnd + 4 + bodyLength;
    if (rest.length < end) return rest;
    sink.onBytes(rest.subarray(0, end));
    rest = rest.subarray(end);
  }
}

const crlf = Buffer.from('\r\n');
