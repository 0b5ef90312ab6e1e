import { BinaryWriter } from '@bufbuild/protobuf/wire';

/** One for the process: encoding never interleaves, and its buffer, once grown, need not grow for each message again. */
const writer = new BinaryWriter();

/** What an encoder looks like. */
interface Encoder<Message> {
  encode(message: Message, writer: BinaryWriter): BinaryWriter;
}

/**
 * Encodes a message into a Buffer of its own.
 *
 * @param prefix bytes to put in front of it
 * @throws Error where a number is out of its range
 */
export function encodeMessage<Message>(
  codec: Encoder<Message>,
  message: Message,
  prefix?: Uint8Array,
): Buffer {
  try {
    if (prefix !== undefined) writer.raw(prefix);
    return asBuffer(codec.encode(message, writer).finish());
  } catch (error) {
    writer.finish();
    throw error;
  }
}

/** The same bytes as a Buffer. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
