import type { Word } from './command-writer.ts';
import type { RedisLink } from './redis-link.ts';
import { isUnknownScript, SaveCommand } from './save-command.ts';

/** Most records of one script: Redis does nothing else meanwhile, about a millisecond. */
const maxTogether = 64;

/** A record to be saved, in the words of the script. */
export interface Save {
  readonly keys: readonly string[];
  readonly args: readonly Word[];
}

interface PendingSave extends Save {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Saves the records of one turn of the event loop by one command: what a command costs, here and in Redis, is as much as
 * what it does. A Redis Cluster keeps records in different places, so there each has a command of its own.
 */
export class SaveQueue {
  readonly #link: RedisLink;
  readonly #historyLength: number;
  #waiting: PendingSave[] = [];

  /** @param historyLength most entries in the log of a shard */
  constructor(link: RedisLink, historyLength: number) {
    this.#link = link;
    this.#historyLength = historyLength;
  }

  /**
   * Saves a record; resolves with the script's answer for it.
   *
   * @throws ServiceFault STORE_UNAVAILABLE
   */
  add({ keys, args }: Save): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(this.#send);
      this.#waiting.push({ keys, args, resolve, reject });
    });
  }

  readonly #send = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    const together = this.#link.isCluster ? 1 : maxTogether;
    for (let from = 0; from < waiting.length; from += together)
      void this.#run(waiting.slice(from, from + together));
    // The turn is at its end already.
    this.#link.flush();
  };

  /** Never rejects. */
  async #run(saves: readonly PendingSave[]): Promise<void> {
    try {
      const replies = (await (this.#link.isCluster
        ? this.#saveOne(saves)
        : this.#saveAll(saves))) as unknown[];
      saves.forEach(({ resolve }, index) => {
        resolve(replies[index]);
      });
    } catch (error) {
      for (const { reject } of saves) reject(error);
    }
  }

  #saveOne(saves: readonly PendingSave[]): Promise<unknown> {
    return this.#link.run((redis) => redis.rcSaveOneBuffer(...this.#wordsOf(saves)));
  }

  #saveAll(saves: readonly PendingSave[]): Promise<unknown> {
    const words = [saves.length * keysOfRecord, ...this.#wordsOf(saves)];
    return this.#link.run((redis) =>
      (redis.sendCommand(new SaveCommand(words)) as Promise<unknown>).catch((error: unknown) => {
        if (!isUnknownScript(error)) throw error;
        return redis.rcSaveBuffer(...words);
      }),
    );
  }

  #wordsOf(saves: readonly PendingSave[]): Word[] {
    const words: Word[] = [];
    for (const { keys } of saves) words.push(...keys);
    words.push(this.#historyLength);
    for (const { args } of saves) words.push(...args);
    return words;
  }
}

/** Record, index, log, extras. */
const keysOfRecord = 4;
