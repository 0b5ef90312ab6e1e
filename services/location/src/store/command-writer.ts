/** Room at first; it grows with what is written. */
const firstBytes = 64 * 1024;

/** One word of a command to Redis. */
export type Word = string | number | Buffer;

/**
 * Writes commands in the words of Redis's protocol (RESP arrays of bulk strings) into one buffer, and gives out a copy.
 * ioredis makes several objects for each word of a command that has bytes among them; a save has a dozen words for each record.
 */
export class CommandWriter {
  #bytes = Buffer.allocUnsafeSlow(firstBytes);
  #end = 0;
  /** Texts that follow each other are written together. */
  #text = '';

  /** Begins a command of so many words. */
  begin(words: number): void {
    this.#end = 0;
    this.#text = `*${words}\r\n`;
  }

  add(word: Word): void {
    if (typeof word === 'string') {
      this.#text += `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
    } else if (typeof word === 'number') {
      const digits = String(word);
      this.#text += `$${digits.length}\r\n${digits}\r\n`;
    } else {
      this.#text += `$${word.length}\r\n`;
      this.#writeText();
      this.#reserve(word.length);
      this.#bytes.set(word, this.#end);
      this.#end += word.length;
      this.#text = '\r\n';
    }
  }

  /** The command's bytes. */
  finish(): Buffer {
    this.#writeText();
    return Buffer.from(this.#bytes.subarray(0, this.#end));
  }

  #writeText(): void {
    // UTF-8 takes three bytes at most for one code unit.
    this.#reserve(this.#text.length * 3);
    this.#end += this.#bytes.write(this.#text, this.#end, 'utf8');
    this.#text = '';
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#end + bytes));
    grown.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = grown;
  }
}
