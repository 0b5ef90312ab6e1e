import { limits } from './limits.ts';
import { encodeMessage } from './message-writer.ts';
import type { MessageCodec } from './methods.ts';

/** How a batch is written. */
export interface BatchOutlet<Entry, Message> {
  readonly codec: MessageCodec<Message>;
  /** The message of some of the entries. */
  wrap(entries: readonly Entry[]): Message;
  /** Takes the bytes of a message; false asks to wait before the next batch. */
  write(bytes: Buffer): boolean;
  /** An entry that no message can carry: a number out of range, or more bytes than are accepted. */
  refuse(entry: Entry, reason: string): void;
}

/**
 * Encodes a batch, as several messages where it is too large for one or an entry cannot be encoded: halving is rare,
 * and costs nothing otherwise.
 *
 * @returns false where the outlet asked to wait
 */
export function writeBatch<Entry, Message>(
  entries: readonly Entry[],
  outlet: BatchOutlet<Entry, Message>,
): boolean {
  const bytes = encode(entries, outlet);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    if (typeof bytes === 'string') outlet.refuse(first, bytes);
    else if (bytes.length > limits.messageBytes) outlet.refuse(first, `${bytes.length} bytes are too many`);
    else return outlet.write(bytes);
    return true;
  }
  if (typeof bytes !== 'string' && bytes.length <= limits.batchBytes) return outlet.write(bytes);
  const middle = entries.length >> 1;
  const more = writeBatch(entries.slice(0, middle), outlet);
  return writeBatch(entries.slice(middle), outlet) && more;
}

/** The bytes, or why there are none. */
function encode<Entry, Message>(
  entries: readonly Entry[],
  outlet: BatchOutlet<Entry, Message>,
): Buffer | string {
  try {
    return encodeMessage(outlet.codec, outlet.wrap(entries));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
