import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { hostname } from 'node:os';
import {
  type ClientTrust,
  formatHostPort,
  type HostPort,
  listenTcp,
  type MessageSink,
  openClientConnection,
} from '@rollcall/transport';
import type { ClientTransport } from './client-transports.ts';
import { locate } from './locate.ts';
import { noAnswer } from './no-answer.ts';
import { withPort } from './server-argument.ts';

/** The way to the server for as long as one command runs. */
export interface ClientFlow {
  readonly transport: ClientTransport;
  /** True where the transport retransmits by itself. */
  readonly reliable: boolean;
  /** How its messages are told apart. */
  readonly framing: 'stream' | 'datagram';
  /** Where the server, or a caller, reaches this end, as Via and Contact say it. */
  readonly sentBy: string;
  readonly server: HostPort;
  send(bytes: Buffer): void;
  close(): Promise<void>;
}

/** Takes what the flow brings. */
export interface FlowSink {
  onMessage(bytes: Buffer): void;
  /** Nothing more will come, and why. */
  onBroken(reason: string): void;
}

/** Where a flow goes. */
export interface FlowOptions {
  readonly transport: ClientTransport;
  /** A name or an IP literal; port 0: see `locate`. */
  readonly server: HostPort;
  /** The port of this end; another is taken where it is in use. 0: any. */
  readonly localPort: number;
  readonly timeoutMs: number;
  /** Whom to trust over tls and wss. */
  readonly trust: ClientTrust;
}

/**
 * Opens the way to the server, as a phone has one: it receives at the port that it sends from (RFC 3581 §2), or listens
 * there beside its connection.
 *
 * @throws CommandFailure with exit code 3 where there is none
 */
export async function openClientFlow(options: FlowOptions, sink: FlowSink): Promise<ClientFlow> {
  const places = await placesOf(options);
  for (;;) {
    const server = places.shift() ?? options.server;
    try {
      return await openFlowTo({ ...options, server }, sink);
    } catch (error) {
      // The next one that the DNS names (RFC 3263 §4.3).
      if (places.length === 0) throw error;
    }
  }
}

async function openFlowTo(options: FlowOptions, sink: FlowSink): Promise<ClientFlow> {
  const { server } = options;
  // Connected, the socket hears that nothing listens at the other end, and takes datagrams of the server only.
  const socket = createSocket(server.host.includes(':') ? 'udp6' : 'udp4');
  await bindNear(socket, options.transport === 'udp' ? options.localPort : 0);
  socket.connect(server.port, server.host);
  try {
    await once(socket, 'connect');
  } catch (cause) {
    socket.close();
    throw noAnswer(server, options.transport, 'there is no way to it', cause);
  }
  const { address, port } = socket.address();
  if (options.transport === 'udp') return udpFlow(socket, { host: address, port }, server, sink);
  // The kernel has chosen the address of this end; that is all the datagram socket was needed for.
  socket.close();
  if (options.transport === 'tcp') return await openTcpFlow(options, address, sink);
  return await openConnectionFlow(options.transport, options, address, sink);
}

/** TLS and WebSockets: nobody can call back, so nobody listens. */
async function openConnectionFlow(
  transport: 'tls' | 'ws' | 'wss',
  options: FlowOptions,
  localHost: string,
  sink: FlowSink,
): Promise<ClientFlow> {
  const { server, trust, timeoutMs } = options;
  let closing = false;
  const messages: MessageSink = {
    onMessage: (bytes) => sink.onMessage(bytes),
    onFramingError: () => sink.onBroken('the answer is no SIP'),
    onFlowClosed: () => closing || sink.onBroken('the server closed the connection'),
  };
  try {
    const { flow, close } = await openClientConnection({ transport, server, trust, timeoutMs }, messages);
    const port = options.localPort || flow.local.port;
    return {
      transport,
      reliable: true,
      framing: flow.framing,
      // A WebSocket's client has a name that no DNS knows (RFC 7118 §5); the same for every run of this machine.
      sentBy: transport === 'tls' ? formatHostPort({ host: localHost, port }) : `${ownName()}.invalid`,
      server,
      send: (bytes) => flow.send(bytes),
      close: () => {
        closing = true;
        return close();
      },
    };
  } catch (cause) {
    throw noAnswer(server, transport, describeConnectError(cause), cause);
  }
}

function ownName(): string {
  return `rollcall-${hostname()
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, '-')}`.replace(/-+$/, '');
}

/** Without Node's advice for its own command line. */
function firstClause(text: string): string {
  return text.split(';', 1)[0] ?? text;
}

function describeConnectError(cause: unknown): string {
  if (isRefused(cause)) return 'nothing listens there';
  if (!(cause instanceof Error) || cause.name === 'AbortError') return '';
  const untrusted = 'code' in cause && /^(UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|CERT_)/.test(String(cause.code));
  return untrusted
    ? `its certificate was signed by nobody known here (${firstClause(cause.message)}); name who signed it with --ca`
    : cause.message;
}

function udpFlow(socket: Socket, local: HostPort, server: HostPort, sink: FlowSink): ClientFlow {
  socket.on('message', (bytes) => sink.onMessage(bytes));
  socket.on('error', (error) => sink.onBroken(describeSocketError(error)));
  return {
    transport: 'udp',
    reliable: false,
    framing: 'datagram',
    sentBy: formatHostPort(local),
    server,
    // An error of a send is told by 'error', too.
    send: (bytes) => socket.send(bytes),
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

async function openTcpFlow(options: FlowOptions, localHost: string, sink: FlowSink): Promise<ClientFlow> {
  const { server } = options;
  let connection: unknown;
  const messages: MessageSink = {
    // A phone listens, so others could call; this one answers nobody.
    onMessage: (bytes, flow) => flow === connection && sink.onMessage(bytes),
    onFramingError: (_error, _head, flow) => flow === connection && sink.onBroken('the answer is no SIP'),
    onFlowClosed: (flow) => flow === connection && sink.onBroken('the server closed the connection'),
  };
  const listener = await listenNear(localHost, options.localPort, messages);
  try {
    const flow = await listener.connect(server, options.timeoutMs);
    connection = flow;
    return {
      transport: 'tcp',
      reliable: true,
      framing: 'stream',
      sentBy: formatHostPort(listener.address),
      server,
      send: (bytes) => flow.send(bytes),
      close: () => {
        connection = undefined;
        return listener.close();
      },
    };
  } catch (cause) {
    await listener.close();
    throw noAnswer(server, 'tcp', isRefused(causeOf(cause)) ? 'nothing listens there' : '', cause);
  }
}

async function placesOf({ server, transport }: FlowOptions): Promise<HostPort[]> {
  try {
    return await locate(server, transport);
  } catch (cause) {
    throw noAnswer(withPort(server, transport), transport, 'the name has no address', cause);
  }
}

/** Binds the port, or any other where it is in use. */
async function bindNear(socket: Socket, port: number): Promise<void> {
  socket.bind(port);
  try {
    await once(socket, 'listening');
  } catch (error) {
    if (port === 0 || !isInUse(error)) throw error;
    await bindNear(socket, 0);
  }
}

async function listenNear(host: string, port: number, sink: MessageSink): ReturnType<typeof listenTcp> {
  try {
    return await listenTcp({ host, port }, sink);
  } catch (error) {
    if (port === 0 || !isInUse(error)) throw error;
    return await listenTcp({ host, port: 0 }, sink);
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}

function describeSocketError(error: Error): string {
  return isRefused(error) ? 'nothing listens there' : error.message;
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
