import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import type { HostPort } from '@rollcall/transport';

/** The SIP transports that the test agent speaks. */
export type AgentTransport = 'udp' | 'tcp';

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
): Promise<AgentSocket> {
  return transport === 'udp' ? openUdp(server, local, sink) : openTcp(server, local, sink);
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
  socket.setNoDelay(true);
  let pending: Buffer = Buffer.alloc(0);
  let problem = new Error('the server closed the connection');
  socket.on('data', (chunk: Buffer) => {
    pending = takeFrames(pending.length === 0 ? chunk : Buffer.concat([pending, chunk]), sink);
  });
  socket.on('error', (error) => {
    problem = error;
  });
  const closed = once(socket, 'close').then(() => sink.onEnd(problem));
  return {
    local: { host: socket.localAddress ?? local.host, port: socket.localPort ?? 0 },
    send: (bytes) => {
      socket.write(bytes);
    },
    close: async () => {
      socket.destroy();
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
