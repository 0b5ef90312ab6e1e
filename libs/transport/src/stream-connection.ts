import type { Socket } from 'node:net';
import type { SipParseError } from '@rollcall/sip';
import { ConnectionDeadline } from './connection-deadline.ts';
import type { Connection, MessageSink, TransportName } from './flow.ts';
import type { HostPort } from './host-port.ts';
import { unmapIpv4 } from './ip-address.ts';
import { type FrameReceiver, StreamFramer } from './stream-framer.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { CloseReason, TransportStats } from './transport-stats.ts';

/** What a connection needs from where it lives. */
export interface ConnectionParts {
  readonly transport: TransportName;
  /** Who is at the other end: the peer of the socket, or whom a proxy said that it stands for. */
  readonly remote: HostPort;
  readonly flowToken: string;
  readonly sink: MessageSink;
  readonly stats: TransportStats;
  readonly limits: StreamLimits;
  /** What the peer's certificate proves; see Flow. */
  readonly peerDomains?: readonly string[];
  /** Called once, when the socket is gone. */
  readonly onClosed: (connection: Connection, reason: CloseReason) => void;
}

const PONG = Buffer.from('\r\n', 'latin1');
/** Answers to keep-alives in one chunk; somebody who sends more of them at once measures nothing. */
const MAX_PONGS_PER_CHUNK = 8;
/** Where "SIP/2.0 1xx" has the class of its status: a provisional response is not the answer that is owed. */
const STATUS_CLASS_AT = 8;
const PROVISIONAL = '1'.charCodeAt(0);

/** One connection with its framer: a flow as long as it is open. Works on any `net.Socket`, so on TLS too. */
export class StreamConnection implements Connection, FrameReceiver {
  readonly transport: TransportName;
  readonly reliable = true;
  readonly framing = 'stream';
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly flowToken: string;
  readonly peerDomains?: readonly string[];
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #framer: StreamFramer;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closeReason: CloseReason = 'peer-closed';
  readonly #deadline: ConnectionDeadline;
  /** Messages received that may still be answered. ACKs and responses never are: the linger time then ends the wait. */
  #owed = 0;
  /** Why it ends once nothing is owed any more; undefined while it may stay. */
  #endReason: CloseReason | undefined;
  #inChunk = false;
  #peerEnded = false;
  #frames = 0;
  #pongs = 0;

  constructor(socket: Socket, parts: ConnectionParts) {
    this.transport = parts.transport;
    this.flowToken = parts.flowToken;
    this.local = { host: unmapIpv4(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    this.remote = parts.remote;
    this.#socket = socket;
    this.#parts = parts;
    this.#framer = new StreamFramer(this, parts.limits.messageBytes);
    this.#deadline = new ConnectionDeadline(parts.limits);
    if (parts.peerDomains !== undefined) this.peerDomains = parts.peerDomains;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, parts.limits.tcpKeepAliveMs);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#linger('peer-closed'));
    socket.on('error', () => this.#note('peer-reset'));
    socket.on('close', () => this.#finish());
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  get peerEnded(): boolean {
    return this.#peerEnded;
  }

  get sendQueueBytes(): number {
    return this.#socket.writableLength;
  }

  expectWithin(silenceMs: number): void {
    this.#deadline.expectWithin(silenceMs);
  }

  send(bytes: Buffer): void {
    const { stats, limits } = this.#parts;
    if (this.#state !== 'open') {
      stats.dropped['send-closed'] += 1;
      return;
    }
    if (this.#socket.writableLength + bytes.length > limits.writeQueueBytes) {
      stats.dropped['send-failed'] += 1;
      this.abort('slow-reader');
      return;
    }
    stats.streamMessagesSent += 1;
    stats.bytesSent += bytes.length;
    this.#socket.write(bytes);
    this.#parts.sink.onSent?.(bytes, this);
    if (bytes[STATUS_CLASS_AT] !== PROVISIONAL && this.#owed > 0) this.#owed -= 1;
    this.#endIfQuiet();
  }

  abort(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#note(reason);
    this.#state = 'closing';
    this.#framer.close();
    this.#socket.destroy();
  }

  retire(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    this.#endReason ??= reason;
    this.#deadline.endAfter(this.#parts.limits.lingerMs, this.#endReason);
    this.#endIfQuiet();
  }

  checkDeadline(nowMs: number): void {
    if (!this.#deadline.isOver(nowMs)) return;
    if (this.#state === 'open' && this.#endReason !== undefined) this.#shut(this.#endReason);
    else this.abort(this.#deadline.reason);
  }

  onFrame(bytes: Buffer): void {
    this.#frames += 1;
    this.#owed += 1;
    this.#parts.stats.streamMessagesReceived += 1;
    this.#parts.sink.onMessage(bytes, this);
  }

  onPing(): void {
    if (this.#pongs >= MAX_PONGS_PER_CHUNK) return;
    this.#pongs += 1;
    this.#parts.stats.keepAlivesAnswered += 1;
    this.send(PONG);
  }

  onError(error: SipParseError, head: Buffer): void {
    this.#parts.stats.framingErrors += 1;
    this.#parts.sink.onFramingError(error, head, this);
    this.#shut('framing-error');
  }

  #receive(chunk: Buffer): void {
    this.#parts.stats.bytesReceived += chunk.length;
    // After the last word the peer's bytes are only read away: a reset would take that word from it (RFC 9112 §9.6).
    if (this.#state !== 'open') return;
    this.#frames = 0;
    this.#pongs = 0;
    // All answers to one chunk leave in one write.
    this.#socket.cork();
    this.#inChunk = true;
    this.#framer.push(chunk);
    this.#inChunk = false;
    this.#socket.uncork();
    if (this.open && this.#endReason === undefined)
      this.#deadline.onBytes(this.#frames, this.#framer.midMessage);
    else this.#endIfQuiet();
  }

  /** The peer sends no more, but may still wait for answers. */
  #linger(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    this.#peerEnded = true;
    this.#framer.close();
    this.retire(reason);
  }

  #endIfQuiet(): void {
    // The chunk at hand may have more messages.
    const quiet = this.#owed === 0 && !this.#inChunk && !this.#framer.midMessage;
    if (this.#endReason !== undefined && quiet) this.#shut(this.#endReason);
  }

  /** Sends what is queued, then closes; the peer gets a little time to read it. */
  #shut(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    this.#note(reason);
    this.#state = 'closing';
    this.#framer.close();
    this.#deadline.endAfter(this.#parts.limits.lingerMs, reason);
    this.#socket.end();
  }

  /** The first reason is the true one; what follows are its consequences. */
  #note(reason: CloseReason): void {
    if (this.#state === 'open') this.#closeReason = reason;
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#framer.close();
    this.#parts.onClosed(this, this.#closeReason);
  }
}
