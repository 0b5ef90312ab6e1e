const FIRST_CAPACITY = 2_048;

/**
 * The unfinished rest of a stream, in one piece. The room doubles, so that appending n single bytes copies O(n) bytes in all;
 * it is given back when the queue runs empty, so that an idle connection holds none.
 */
export class ByteQueue {
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Buffer): void {
    const length = this.#length + chunk.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(FIRST_CAPACITY, this.#bytes.length * 2, length));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** A view on what is queued; good until the next append or clear. */
  view(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Hands over the whole content, which this queue then neither has nor changes any more. */
  take(): Buffer {
    const taken = this.view();
    this.clear();
    return taken;
  }

  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }
}
