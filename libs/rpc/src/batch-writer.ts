import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { limits } from './limits.ts';
import { asBuffer, type MessageCodec } from './methods.ts';

/** One for the process: encoding never interleaves, and its buffer, once grown, need not grow for each message again. */
const writer = new BinaryWriter();

/**
 * Encodes a batch, as several messages where it is too large for one: halving is rare, and costs nothing otherwise.
 *
 * @param wrap makes the message of some of the entries
 * @param write takes the bytes of each message
 * @returns false where the last write asked to wait
 */
export function writeBatch<Entry, Message>(
  entries: readonly Entry[],
  codec: MessageCodec<Message>,
  wrap: (entries: readonly Entry[]) => Message,
  write: (bytes: Buffer) => boolean,
): boolean {
  const bytes = codec.encode(wrap(entries), writer).finish();
  if (bytes.length <= limits.batchBytes || entries.length <= 1) return write(asBuffer(bytes));
  const middle = entries.length >> 1;
  const first = writeBatch(entries.slice(0, middle), codec, wrap, write);
  return writeBatch(entries.slice(middle), codec, wrap, write) && first;
}
