import { type SipErrorCode, SipParseError } from '@rollcall/sip';
import { ByteQueue } from './byte-queue.ts';
import { MALFORMED_LENGTH, readContentLength } from './content-length.ts';
import { isTokenByte } from './token-byte.ts';

/** Who takes what a {@link StreamFramer} finds, in the order of the stream. */
export interface FrameReceiver {
  /** One whole message, from the first byte of its start line to the last one of its body. */
  onFrame(bytes: Buffer): void;
  /** A CRLFCRLF between messages: answer it with one CRLF (RFC 5626 §4.4.1). */
  onPing(): void;
  /** The stream makes no sense any more; nothing follows. `head` is what there is of the message. */
  onError(error: SipParseError, head: Buffer): void;
}

/** One message in bytes, head and body: as much as a datagram could hold (RFC 3261 §18.1.1). */
export const DEFAULT_MAX_MESSAGE_BYTES = 65_535;

const HEAD_END = Buffer.from('\r\n\r\n', 'latin1');
const CR = 13;
const LF = 10;

/**
 * Cuts a byte stream into SIP messages by Content-Length (RFC 3261 §18.3). However the stream is cut into chunks, the same
 * frames come out. A chunk that holds whole messages is never copied; the work is linear in the bytes, also for chunks of
 * one byte. Holds at most one message and one chunk.
 *
 * A message without Content-Length has no body here: §20.14 demands the header on streams, and to wait would hang the
 * messages behind it.
 */
export class StreamFramer {
  readonly #receiver: FrameReceiver;
  readonly #maxMessageBytes: number;
  readonly #queue = new ByteQueue();
  /** Bytes of the queue in which the end of the head is known not to start, less those that it may overlap. */
  #scannedBytes = 0;
  /** Size of the whole message once its head is complete; 0 before. */
  #neededBytes = 0;
  /** CRLFs since the last message or ping. */
  #lineEnds = 0;
  #afterCr = false;
  #closed = false;

  constructor(receiver: FrameReceiver, maxMessageBytes = DEFAULT_MAX_MESSAGE_BYTES) {
    this.#receiver = receiver;
    this.#maxMessageBytes = maxMessageBytes;
  }

  /** Whether a message has begun and is not complete. */
  get midMessage(): boolean {
    return this.#queue.length > 0;
  }

  /** Takes the next bytes of the stream, which must not change afterwards: frames may be views on them. */
  push(chunk: Buffer): void {
    if (this.#closed) return;
    if (this.#queue.length === 0) {
      this.#cut(chunk);
      return;
    }
    this.#queue.append(chunk);
    if (this.#isWorthCutting()) this.#cut(this.#queue.take());
  }

  /** Takes nothing more; a frame handler may call it to have the rest of the chunk ignored. */
  close(): void {
    this.#closed = true;
    this.#queue.clear();
  }

  /** Whether the queue can hold a whole message now, or so much that it never will. */
  #isWorthCutting(): boolean {
    const queued = this.#queue.length;
    if (this.#neededBytes > 0) return queued >= this.#neededBytes;
    if (this.#queue.view().indexOf(HEAD_END, this.#scannedBytes) >= 0) return true;
    this.#scannedBytes = Math.max(0, queued - HEAD_END.length + 1);
    return queued > this.#maxMessageBytes;
  }

  #cut(bytes: Buffer): void {
    let at = 0;
    while (!this.#closed) {
      at = this.#skipLineEnds(bytes, at);
      if (at === bytes.length || this.#closed) return;
      const size = this.#measure(bytes, at);
      if (size === 0) return;
      this.#scannedBytes = 0;
      this.#neededBytes = 0;
      if (at + size > bytes.length) {
        this.#neededBytes = size;
        this.#queue.append(bytes.subarray(at));
        return;
      }
      this.#receiver.onFrame(bytes.subarray(at, at + size));
      at += size;
    }
  }

  /** Size of the message that starts here; 0 when that is not known yet (the rest is queued) or it is a wrong one. */
  #measure(bytes: Buffer, at: number): number {
    if (!isTokenByte(bytes[at] ?? 0)) return this.#fail('SIP_ERR_START_LINE', undefined, bytes, at);
    const headEnd = bytes.indexOf(HEAD_END, at + this.#scannedBytes);
    const headBytes = headEnd < 0 ? bytes.length - at : headEnd + HEAD_END.length - at;
    if (headBytes > this.#maxMessageBytes) return this.#fail('SIP_ERR_MESSAGE_SIZE', 513, bytes, at);
    if (headEnd < 0) {
      this.#scannedBytes = Math.max(0, headBytes - HEAD_END.length + 1);
      this.#queue.append(bytes.subarray(at));
      return 0;
    }
    const bodyBytes = readContentLength(bytes, at, at + headBytes);
    if (bodyBytes === MALFORMED_LENGTH) {
      return this.#fail('SIP_ERR_CONTENT_LENGTH', 400, bytes.subarray(0, at + headBytes), at);
    }
    if (headBytes + bodyBytes > this.#maxMessageBytes) {
      return this.#fail('SIP_ERR_MESSAGE_SIZE', 513, bytes.subarray(0, at + headBytes), at);
    }
    return headBytes + bodyBytes;
  }

  /** Past the CRLFs between messages (RFC 3261 §7.5); two in a row are a ping, wherever the chunks end. */
  #skipLineEnds(bytes: Buffer, from: number): number {
    let at = from;
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === LF) {
        if (this.#afterCr) this.#countLineEnd();
        this.#afterCr = false;
      } else if (byte === CR) {
        this.#afterCr = true;
      } else {
        this.#afterCr = false;
        this.#lineEnds = 0;
        break;
      }
    }
    return at;
  }

  #countLineEnd(): void {
    this.#lineEnds += 1;
    if (this.#lineEnds < 2) return;
    this.#lineEnds = 0;
    if (!this.#closed) this.#receiver.onPing();
  }

  #fail(code: SipErrorCode, status: number | undefined, bytes: Buffer, at: number): 0 {
    this.close();
    const head = bytes.subarray(at, Math.min(bytes.length, at + this.#maxMessageBytes));
    this.#receiver.onError(new SipParseError(code, status, 0), head);
    return 0;
  }
}
