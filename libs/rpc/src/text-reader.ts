import { BinaryReader } from '@bufbuild/protobuf/wire';

/**
 * Reads strings straight from the message's Buffer: half the time of the library's own way, which collects short texts
 * byte by byte and makes a view for each longer one. A message of ours is mostly short strings.
 */
class TextReader extends BinaryReader {
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    super(bytes);
    this.#bytes = bytes;
  }

  override string(): string {
    const length = this.uint32();
    const start = this.pos;
    this.pos += length;
    if (this.pos > this.len) throw new RangeError('a string longer than its message');
    return this.#bytes.toString('utf8', start, this.pos);
  }
}

/** Decodes a message. */
export function decodeMessage<Message>(
  codec: { decode(input: BinaryReader): Message },
  bytes: Buffer,
): Message {
  return codec.decode(new TextReader(bytes));
}
