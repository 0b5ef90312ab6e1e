import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Latencies } from './latencies.ts';
import type { Order, Outcome } from './order.ts';

const workerMain = fileURLToPath(new URL('./worker-main.ts', import.meta.url));

/** Our own load generator: several processes that share the phones between them. */
export class Generator {
  readonly #workers: readonly ChildProcess[];

  constructor(workers: number) {
    this.#workers = Array.from({ length: workers }, () => fork(workerMain));
  }

  /** Carries out an order; resolves once every operation has ended, one way or the other. */
  async run(order: Order): Promise<Outcome> {
    const workers = this.#workers.length;
    const parts = await Promise.all(
      this.#workers.map(async (child, worker) => {
        const answered = once(child, 'message');
        child.send({ ...order, worker, workers });
        const [answer] = (await answered) as [{ outcome?: Outcome; error?: string }];
        if (answer.outcome === undefined) throw new Error(`the load generator failed: ${answer.error}`);
        return answer.outcome;
      }),
    );
    return merge(parts);
  }

  stop(): void {
    for (const child of this.#workers) if (child.connected) child.disconnect();
  }
}

function merge(parts: readonly Outcome[]): Outcome {
  const latencies = new Latencies();
  const unexpected: Record<string, number> = {};
  for (const part of parts) {
    latencies.merge(part.latencies);
    for (const [what, count] of Object.entries(part.unexpected)) {
      unexpected[what] = (unexpected[what] ?? 0) + count;
    }
  }
  const sum = (read: (part: Outcome) => number) => parts.reduce((total, part) => total + read(part), 0);
  return {
    done: sum(({ done }) => done),
    failed: sum(({ failed }) => failed),
    retransmissions: sum(({ retransmissions }) => retransmissions),
    unexpected,
    elapsedMs: Math.max(...parts.map(({ elapsedMs }) => elapsedMs)),
    latencies: latencies.counts,
    cpuUs: sum(({ cpuUs }) => cpuUs),
  };
}
