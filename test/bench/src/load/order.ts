/** What phones do: register anew (401, then 200), refresh with a live nonce, be looked up, or nine refreshes to one look-up. */
export type Scenario = 'register' | 'refresh' | 'look-up' | 'mixed';

/** How SIP is carried. */
export type LoadTransport = 'udp' | 'tcp';

/** What the generator is asked to do. */
export interface Order {
  readonly scenario: Scenario;
  readonly transport: LoadTransport;
  readonly server: { readonly host: string; readonly port: number };
  /** Phones from this index on, each once. */
  readonly from: number;
  readonly count: number;
  /** Operations begun in a second; undefined begins one whenever another has ended. */
  readonly perSec: number | undefined;
  /** Most operations under way at once, in all. */
  readonly inFlight: number;
}

/** What came of it. */
export interface Outcome {
  readonly done: number;
  readonly failed: number;
  readonly retransmissions: number;
  /** Answers that the scenario does not expect, counted by what they were. */
  readonly unexpected: Readonly<Record<string, number>>;
  /** From the first operation's begin to the last one's end. */
  readonly elapsedMs: number;
  /** Counts of {@link Latencies}. */
  readonly latencies: number[];
  /** Processor time of the generator. */
  readonly cpuUs: number;
}

/** One worker's part of an order: the phones whose index leaves `worker` when divided by `workers`. */
export interface WorkerOrder extends Order {
  readonly worker: number;
  readonly workers: number;
}
