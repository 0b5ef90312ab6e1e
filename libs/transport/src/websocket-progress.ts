const FIN = 0x80;
const OPCODE = 0x0f;
const FIRST_CONTROL_OPCODE = 8;
const MASKED = 0x80;
const MASK_BYTES = 4;

/**
 * Follows the frames of a WebSocket (RFC 6455 §5.2) through the bytes of its socket, only to know whether a message has
 * begun and is not complete: who reads the messages tells of the whole ones alone, and a slow-loris sends none.
 */
export class WebSocketProgress {
  #inMessage = false;
  /** The frame under way: its first byte; -1 between frames. */
  #firstByte = -1;
  /** Bytes of its length that are still to come; -1 before its second byte. */
  #lengthBytes = -1;
  #maskBytes = 0;
  #payloadBytes = 0;

  /** Whether a data message has begun and is not complete; control frames may stand between its fragments (§5.4). */
  get midMessage(): boolean {
    return this.#inMessage;
  }

  /** Takes the next bytes of the socket. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#lengthBytes === 0 && this.#maskBytes === 0) {
        const taken = Math.min(this.#payloadBytes, chunk.length - at);
        this.#payloadBytes -= taken;
        at += taken;
      } else {
        this.#readHeader(chunk[at] ?? 0);
        at += 1;
      }
      if (this.#lengthBytes === 0 && this.#maskBytes === 0 && this.#payloadBytes === 0) this.#endFrame();
    }
  }

  #readHeader(byte: number): void {
    if (this.#firstByte < 0) {
      this.#firstByte = byte;
      if (isData(byte)) this.#inMessage = true;
    } else if (this.#lengthBytes < 0) {
      const length = byte & ~MASKED;
      this.#maskBytes = byte & MASKED ? MASK_BYTES : 0;
      this.#lengthBytes = length === 126 ? 2 : length === 127 ? 8 : 0;
      this.#payloadBytes = length < 126 ? length : 0;
    } else if (this.#lengthBytes > 0) {
      this.#payloadBytes = this.#payloadBytes * 256 + byte;
      this.#lengthBytes -= 1;
    } else {
      this.#maskBytes -= 1;
    }
  }

  #endFrame(): void {
    if (isData(this.#firstByte) && this.#firstByte & FIN) this.#inMessage = false;
    this.#firstByte = -1;
    this.#lengthBytes = -1;
  }
}

function isData(firstByte: number): boolean {
  return (firstByte & OPCODE) < FIRST_CONTROL_OPCODE;
}
