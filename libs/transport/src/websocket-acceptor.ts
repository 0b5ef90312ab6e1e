import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';

/** Who may open a WebSocket. */
export interface WebSocketPolicy {
  /** The path of its URL, for example "/sip"; any where undefined. */
  readonly path?: string;
  /**
   * Web pages that may: values of Origin, for example "https://phone.example.com"; all where empty. A client without Origin is no
   * browser and is let in: it could write any.
   */
  readonly origins?: readonly string[];
  /** One message; beyond it the WebSocket is closed (1009). */
  readonly messageBytes: number;
}

/** Takes a WebSocket and what it runs on. */
export type OnWebSocket = (webSocket: WebSocket, socket: Socket) => void;

/** The subprotocol of SIP (RFC 7118 §4.1). */
export const SIP_SUBPROTOCOL = 'sip';
/** Ample for what browsers send, cookies included. */
const MAX_HTTP_HEAD_BYTES = 8_192;
/** A message may come in as many pieces as bytes, almost; what each costs here is bounded by these. */
const MAX_FRAGMENTS = 1_024;
const MAX_BUFFERED_CHUNKS = 2_048;

/** What every WebSocket here is bound by; compression is not spoken, since its windows cost more than all else of a connection. */
export function webSocketBounds(messageBytes: number) {
  return {
    maxPayload: messageBytes,
    maxFragments: MAX_FRAGMENTS,
    maxBufferedChunks: MAX_BUFFERED_CHUNKS,
    perMessageDeflate: false,
    // Pongs wait in the write queue like everything else; who counts that queue answers them.
    autoPong: false,
  } as const;
}

/** The server's side of the WebSocket handshake (RFC 6455 §4.2), for sockets that somebody else has accepted. */
export class WebSocketAcceptor {
  readonly #policy: WebSocketPolicy;
  readonly #http: Server;
  readonly #upgrades: WebSocketServer;
  readonly #waiting = new WeakMap<Duplex, OnWebSocket>();

  constructor(policy: WebSocketPolicy) {
    this.#policy = policy;
    this.#upgrades = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      handleProtocols: () => SIP_SUBPROTOCOL,
      ...webSocketBounds(policy.messageBytes),
    });
    this.#http = createServer({ maxHeaderSize: MAX_HTTP_HEAD_BYTES }, (_request, response) => {
      response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Length': '0' }).end();
    });
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Speaks HTTP with a client that has just connected, until it is a WebSocket. */
  accept(socket: Socket, onWebSocket: OnWebSocket): void {
    this.#waiting.set(socket, onWebSocket);
    this.#http.emit('connection', socket);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const onWebSocket = this.#waiting.get(socket);
    this.#waiting.delete(socket);
    if (onWebSocket === undefined) {
      socket.destroy();
      return;
    }
    const status = this.#refusal(request);
    if (status === undefined)
      this.#upgrades.handleUpgrade(request, socket, head, (webSocket) =>
        onWebSocket(webSocket, socket as Socket),
      );
    else
      socket.end(
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
  }

  /** Why this client is refused, beside what the handshake itself demands. */
  #refusal({ url = '', headers }: IncomingMessage): number | undefined {
    const { path, origins = [] } = this.#policy;
    if (path !== undefined && url.split('?', 1)[0] !== path) return 404;
    if (origins.length > 0 && headers.origin !== undefined && !origins.includes(headers.origin)) return 403;
    const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim());
    return offered.includes(SIP_SUBPROTOCOL) ? undefined : 400;
  }
}
