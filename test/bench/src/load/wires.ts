import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';

/** One socket of the generator; many phones share it. */
export interface Wire {
  readonly port: number;
  send(text: string): void;
  close(): void;
}

/** Told of each message that comes in, as text of one character a byte. */
export type OnMessage = (text: string) => void;

interface Server {
  readonly host: string;
  readonly port: number;
}

const receiveBufferBytes = 4_194_304;

/** The UDP sockets of one server's phones. They stay from one order to the next: a phone keeps its address. */
export class UdpWires {
  /** Told of what comes in; the order that is under way. */
  onMessage: OnMessage = () => undefined;
  readonly #server: Server;
  readonly #count: number;
  readonly #wires: Wire[] = [];

  constructor(server: Server, count: number) {
    this.#server = server;
    this.#count = count;
  }

  async open(): Promise<readonly Wire[]> {
    while (this.#wires.length < this.#count)
      this.#wires.push(await openUdp(this.#server, (text) => this.onMessage(text)));
    return this.#wires;
  }
}

/** A UDP socket connected to the server. */
async function openUdp(server: Server, onMessage: OnMessage): Promise<Wire> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: receiveBufferBytes });
  socket.on('message', (bytes) => onMessage(bytes.toString('latin1')));
  // A server that restarts refuses datagrams for a moment: they are lost, as over any network.
  socket.on('error', () => undefined);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.connect(server.port, server.host);
  await once(socket, 'connect');
  return {
    port: socket.address().port,
    send: (text) => socket.send(Buffer.from(text, 'latin1')),
    close: () => socket.close(),
  };
}

/** A TCP connection to the server. */
export async function openTcp(server: Server, onMessage: OnMessage): Promise<Wire> {
  const socket = connect({ port: server.port, host: server.host, noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  socket.setEncoding('latin1');
  let rest = '';
  socket.on('data', (text: string) => {
    rest = splitMessages(rest + text, onMessage);
  });
  return {
    port: socket.localPort ?? 0,
    send: (text) => void socket.write(text, 'latin1'),
    close: () => socket.destroy(),
  };
}

/** Hands over the whole messages of a stream; returns what is left. */
function splitMessages(text: string, onMessage: OnMessage): string {
  let from = 0;
  for (;;) {
    const end = text.indexOf('\r\n\r\n', from);
    if (end < 0) return from === 0 ? text : text.slice(from);
    const row = text.indexOf('Content-Length: ', from);
    const length = row < 0 || row > end ? 0 : Number.parseInt(text.slice(row + 16, row + 24), 10);
    const next = end + 4 + length;
    if (next > text.length) return text.slice(from);
    onMessage(text.slice(from, next));
    from = next;
  }
}
