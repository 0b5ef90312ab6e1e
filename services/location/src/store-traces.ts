import type { Span, Tracing } from '@rollcall/runtime';

/** Something that waits for the store, with the trace context it came with; empty where it is not traced. */
interface Traced {
  readonly traceparent: string;
}

/** The steps of traces that are questions to the store. One question may serve several updates: each has its own step. */
export class StoreTraces {
  readonly #tracing: Tracing;
  readonly #system: string;

  /** @param kind what the store is: memory, redis, sentinel or cluster */
  constructor(tracing: Tracing, kind: string) {
    this.#tracing = tracing;
    this.#system = kind === 'memory' ? 'memory' : 'redis';
  }

  /**
   * Asks the store, as a step of each trace that waits for the answer.
   *
   * @param operation the word that the store's metrics use
   */
  async follow<T>(operation: 'get' | 'save', waiting: readonly Traced[], ask: () => Promise<T>): Promise<T> {
    const spans: Span[] = [];
    for (const { traceparent } of waiting) {
      const span = traceparent === '' ? undefined : this.#begin(operation, traceparent);
      if (span !== undefined) spans.push(span);
    }
    if (spans.length === 0) return ask();
    let problem: string | undefined = 'the store did not answer';
    try {
      const answer = await ask();
      problem = undefined;
      return answer;
    } finally {
      for (const span of spans) span.end(problem);
    }
  }

  #begin(operation: string, traceparent: string): Span | undefined {
    return this.#tracing.continue(traceparent, 'client', `${this.#system} ${operation}`, {
      'db.system.name': this.#system,
      'db.operation.name': operation,
    });
  }
}
