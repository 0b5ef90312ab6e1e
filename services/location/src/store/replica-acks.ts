import { replicasNotReached } from '../faults.ts';
import type { RedisLink } from './redis-link.ts';

/** How long replicas may take before a write counts as not durable enough, in milliseconds. */
const timeoutMs = 500;

/**
 * Waits until replicas have what was written (Redis WAIT). WAIT is about everything written on the connection before it,
 * so one serves all writes that were answered by then; those answered while it runs share the next.
 */
export class ReplicaAcks {
  readonly #link: RedisLink;
  readonly #wanted: number;
  #current: Promise<unknown> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(link: RedisLink, wanted: number) {
    this.#link = link;
    this.#wanted = wanted;
  }

  /** False where no replica is waited for. */
  get wanted(): boolean {
    return this.#wanted > 0;
  }

  /**
   * Resolves once enough replicas have all that was written before.
   *
   * @throws ServiceFault REPLICAS_NOT_REACHED
   */
  confirm(): Promise<void> {
    this.#next ??= this.#current
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const asked = this.#ask();
        this.#current = asked;
        return asked;
      });
    return this.#next;
  }

  async #ask(): Promise<void> {
    const confirmed = await this.#link.run((redis) => redis.wait(this.#wanted, timeoutMs));
    if (confirmed < this.#wanted) throw replicasNotReached(confirmed, this.#wanted);
  }
}
