import { isUtf8 } from 'node:buffer';
import type { Socket } from 'node:net';
import { SipParseError } from '@rollcall/sip';
import type { RawData, WebSocket } from 'ws';
import { ConnectionDeadline } from './connection-deadline.ts';
import type { Connection, TransportName } from './flow.ts';
import type { HostPort } from './host-port.ts';
import { unmapIpv4 } from './ip-address.ts';
import type { ConnectionParts } from './stream-connection.ts';
import type { CloseReason } from './transport-stats.ts';
import { WebSocketProgress } from './websocket-progress.ts';

const PONG = Buffer.from('\r\n', 'latin1');
const NOTHING = Buffer.alloc(0);
/** Where "SIP/2.0 1xx" has the class of its status: a provisional response is not the answer that is owed. */
const STATUS_CLASS_AT = 8;
const PROVISIONAL = '1'.charCodeAt(0);
const GOING_AWAY = 1001;
const CR = 13;
const LF = 10;
/** A message of more bytes than this is no keep-alive. */
const MAX_KEEP_ALIVE_BYTES = 4;

/**
 * One WebSocket: a flow as long as it is open (RFC 7118). Each of its messages is one SIP message or one keep-alive, text or
 * binary, in as many fragments as its sender likes.
 */
export class WebSocketConnection implements Connection {
  readonly transport: TransportName;
  readonly reliable = true;
  readonly framing = 'datagram';
  readonly local: HostPort;
  readonly remote: HostPort;
  readonly flowToken: string;
  readonly #webSocket: WebSocket;
  readonly #parts: ConnectionParts;
  readonly #deadline: ConnectionDeadline;
  readonly #progress = new WebSocketProgress();
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closeReason: CloseReason = 'peer-closed';
  /** Messages received that may still be answered; as on other streams. */
  #owed = 0;
  /** Why it ends once nothing is owed any more; undefined while it may stay. */
  #endReason: CloseReason | undefined;
  /** Whole messages since the deadline was looked at. */
  #messages = 0;

  /** @param socket what the WebSocket runs on */
  constructor(webSocket: WebSocket, socket: Socket, parts: ConnectionParts) {
    this.transport = parts.transport;
    this.flowToken = parts.flowToken;
    this.local = { host: unmapIpv4(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    this.remote = parts.remote;
    this.#webSocket = webSocket;
    this.#parts = parts;
    this.#deadline = new ConnectionDeadline(parts.limits);
    socket.setKeepAlive(true, parts.limits.tcpKeepAliveMs);
    webSocket.on('message', (data) => this.#onMessage(data));
    webSocket.on('ping', (data) => this.#onPing(data));
    webSocket.on('error', (error) => this.#onError(error));
    webSocket.on('close', () => this.#finish());
    // After the WebSocket's own listener: what the chunk completed is known by then.
    socket.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    socket.on('error', () => this.#note('peer-reset'));
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  get sendQueueBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(bytes: Buffer): void {
    const { sink, stats } = this.#parts;
    if (this.#state !== 'open' || this.#webSocket.readyState !== this.#webSocket.OPEN) {
      stats.dropped['send-closed'] += 1;
      return;
    }
    if (!this.#hasRoomFor(bytes.length)) return;
    stats.streamMessagesSent += 1;
    stats.bytesSent += bytes.length;
    // RFC 7118 §4.2 has both kinds; what browsers' clients read best is text, where it can be text.
    this.#webSocket.send(bytes, { binary: !isUtf8(bytes) });
    sink.onSent?.(bytes, this);
    if (bytes[STATUS_CLASS_AT] !== PROVISIONAL && this.#owed > 0) this.#owed -= 1;
    // The chunk at hand may have more messages: it has been taken when this runs.
    if (this.#endReason !== undefined) queueMicrotask(() => this.#endIfQuiet());
  }

  retire(reason: CloseReason): void {
    if (this.#state !== 'open') return;
    this.#endReason ??= reason;
    this.#deadline.endAfter(this.#parts.limits.lingerMs, this.#endReason);
    this.#endIfQuiet();
  }

  abort(reason: CloseReason): void {
    if (this.#state === 'closed') return;
    this.#note(reason);
    this.#state = 'closing';
    this.#webSocket.terminate();
  }

  expectWithin(silenceMs: number): void {
    this.#deadline.expectWithin(silenceMs);
  }

  checkDeadline(nowMs: number): void {
    if (this.#deadline.isOver(nowMs)) this.abort(this.#deadline.reason);
  }

  #onMessage(data: RawData): void {
    if (this.#state !== 'open') return;
    const bytes = data as Buffer;
    const { sink, stats } = this.#parts;
    const lineEnds = countLineEnds(bytes);
    if (lineEnds !== undefined) {
      // RFC 5626 §4.4.1: two CRLFs ask for one; a lone one is the answer to one of ours, or nothing.
      if (lineEnds < 2) return;
      stats.keepAlivesAnswered += 1;
      this.send(PONG);
      return;
    }
    this.#messages += 1;
    this.#owed += 1;
    stats.streamMessagesReceived += 1;
    sink.onMessage(bytes, this);
  }

  #onPing(data: Buffer): void {
    if (this.#state !== 'open' || !this.#hasRoomFor(data.length)) return;
    this.#parts.stats.pingsAnswered += 1;
    this.#webSocket.pong(data);
  }

  /** The peer broke the protocol, or sent more than is allowed; the library closes with the status that says so. */
  #onError(error: Error): void {
    if (this.#state !== 'open') return;
    const { sink, stats, limits } = this.#parts;
    // A socket that is gone is no broken protocol.
    if ('code' in error && String(error.code).startsWith('WS_ERR_')) {
      stats.framingErrors += 1;
      this.#note('framing-error');
      sink.onFramingError(new SipParseError('SIP_ERR_START_LINE', undefined, 0), NOTHING, this);
    } else this.#note('peer-reset');
    this.#state = 'closing';
    this.#deadline.endAfter(limits.lingerMs, this.#closeReason);
  }

  #onBytes(chunk: Buffer): void {
    this.#parts.stats.bytesReceived += chunk.length;
    if (this.#state !== 'open') return;
    this.#progress.push(chunk);
    const messages = this.#messages;
    this.#messages = 0;
    if (this.#endReason === undefined) this.#deadline.onBytes(messages, this.#progress.midMessage);
    else this.#endIfQuiet();
  }

  /** Says goodbye (RFC 6455 §7.4.1: going away), unless something is owed; the peer gets a little time to say it, too. */
  #endIfQuiet(): void {
    if (this.#endReason === undefined || this.#state !== 'open') return;
    if (this.#owed > 0 || this.#progress.midMessage) return;
    this.#note(this.#endReason);
    this.#state = 'closing';
    this.#webSocket.close(GOING_AWAY);
  }

  /** Says whether the peer takes what is sent to it; one that does not is closed. */
  #hasRoomFor(bytes: number): boolean {
    const { stats, limits } = this.#parts;
    if (this.#webSocket.bufferedAmount + bytes <= limits.writeQueueBytes) return true;
    stats.dropped['send-failed'] += 1;
    this.abort('slow-reader');
    return false;
  }

  /** The first reason is the true one; what follow are its consequences. */
  #note(reason: CloseReason): void {
    if (this.#state === 'open') this.#closeReason = reason;
  }

  #finish(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#parts.onClosed(this, this.#closeReason);
  }
}

/** The CRLFs of a message that consists of nothing else; undefined for any other. */
function countLineEnds(bytes: Buffer): number | undefined {
  if (bytes.length > MAX_KEEP_ALIVE_BYTES) return undefined;
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] !== (at % 2 === 0 ? CR : LF)) return undefined;
  }
  return bytes.length >> 1;
}
