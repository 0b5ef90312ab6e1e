import { hash } from 'node:crypto';
import { Command } from 'ioredis';
import { CommandWriter, type Word } from './command-writer.ts';
import { saveScript } from './redis-scripts.ts';

/** One for the process: writing never interleaves. */
const writer = new CommandWriter();
const saveDigest = hash('sha1', saveScript);

/**
 * The save script by its digest (EVALSHA), with bytes written here. A Redis that does not know the script does nothing and
 * says so: see {@link isUnknownScript}.
 */
export class SaveCommand extends Command {
  readonly #bytes: Buffer;

  /** @param words number of keys, keys and arguments */
  constructor(words: readonly Word[]) {
    super('evalsha', [], { replyEncoding: null });
    writer.begin(words.length + 2);
    writer.add('EVALSHA');
    writer.add(saveDigest);
    for (const word of words) writer.add(word);
    this.#bytes = writer.finish();
  }

  override toWritable(): Buffer {
    return this.#bytes;
  }
}

/** True for the answer of a Redis that has not seen the script since it started. */
export function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}
