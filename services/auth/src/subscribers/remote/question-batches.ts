import { subscribersUnavailable } from '../../faults.ts';
import type { Question, SubscriberLink } from './subscriber-link.ts';

/** Questions that are asked together. */
const batchSize = 64;

/** Batches under way at once: as many as a pool of connections has. */
const maxInFlight = 8;

/** Questions that wait; more are refused, since they would wait in vain. */
const maxWaiting = 4000;

/** For how long a question may wait until it is asked: who asked has given up afterwards. */
const maxWaitMs = 500;

interface Waiting {
  readonly question: Question;
  readonly sinceMs: number;
  readonly resolve: (found: readonly unknown[]) => void;
  readonly reject: (fault: unknown) => void;
}

/**
 * Asks together what is asked within one turn of the event loop: after a mass restart a thousand vectors are wanted in a
 * moment, and a round trip for each would take longer than phones wait.
 */
export class QuestionBatches {
  readonly #link: SubscriberLink;
  readonly #nowMs: () => number;
  #waiting: Waiting[] = [];
  #inFlight = 0;
  #armed = false;

  constructor(link: SubscriberLink, nowMs: () => number) {
    this.#link = link;
    this.#nowMs = nowMs;
  }

  /** @throws ServiceFault where there is no answer in time */
  ask(question: Question): Promise<readonly unknown[]> {
    if (this.#waiting.length >= maxWaiting) {
      return Promise.reject(subscribersUnavailable(this.#link.kind, `${maxWaiting} questions wait already`));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, sinceMs: this.#nowMs(), resolve, reject });
      this.#arm();
    });
  }

  #arm(): void {
    if (this.#armed) return;
    this.#armed = true;
    setImmediate(() => {
      this.#armed = false;
      while (this.#inFlight < maxInFlight && this.#waiting.length > 0) void this.#askNext();
    });
  }

  async #askNext(): Promise<void> {
    const batch = this.#takeBatch();
    if (batch.length === 0) return;
    this.#inFlight += 1;
    try {
      const answers = await this.#link.find(batch.map(({ question }) => question));
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index] ?? []);
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      for (const { reject } of batch) reject(subscribersUnavailable(this.#link.kind, problem, error));
    } finally {
      this.#inFlight -= 1;
      if (this.#waiting.length > 0) this.#arm();
    }
  }

  /** The next to be asked; those who have waited for too long are told so. */
  #takeBatch(): readonly Waiting[] {
    const since = this.#nowMs() - maxWaitMs;
    const batch = this.#waiting.splice(0, batchSize);
    const late = batch.filter(({ sinceMs }) => sinceMs < since);
    for (const { reject } of late) {
      reject(subscribersUnavailable(this.#link.kind, `not asked within ${maxWaitMs} ms`));
    }
    return late.length === 0 ? batch : batch.filter(({ sinceMs }) => sinceMs >= since);
  }
}
