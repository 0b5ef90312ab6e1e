import type { Call, EndFlowsRequest, EndFlowsResponse } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { Flow, TransportName } from '@rollcall/transport';

/** AORs that are told of in one call, and that are remembered of one connection: a trunk's. */
const mostPerCall = 500;
const mostPerFlow = 1000;
/** AORs that wait to be told, while the registrar is away; beyond it the oldest are given up: their bindings expire. */
const mostWaiting = 100_000;
const callTimeoutMs = 5000;
const retryMs = { first: 500, longest: 30_000 };
/** Last words of an edge that stops. */
const lastCallMs = 1000;

/** What is told, and to whom. */
export interface EndedFlowsParts {
  readonly endFlows: Call<EndFlowsRequest, EndFlowsResponse>;
  /** EDGE_NAME. */
  readonly edge: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told how many AORs were given up, for metrics. */
  readonly onGivenUp: (aors: number) => void;
}

/**
 * Sees to it that bindings end with the connection that leads to them (RFC 5626 §6): remembers which AORs were registered by
 * which connection, and tells the registrar once it is gone, in batches and until it has heard.
 */
export class EndedFlows {
  readonly #parts: EndedFlowsParts;
  readonly #aors = new Map<Flow, Set<string>>();
  readonly #flows = new Map<TransportName, number>();
  #waiting: { readonly token: string; readonly aor: string }[] = [];
  #timer: { cancel(): void } | undefined;
  #retryMs = retryMs.first;
  #telling = false;
  #closed = false;

  constructor(parts: EndedFlowsParts) {
    this.#parts = parts;
  }

  /** AORs that wait to be told. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Open connections that an AOR was registered by. */
  flowCount(transport: TransportName): number {
    return this.#flows.get(transport) ?? 0;
  }

  /** An AOR was registered by the flow, which alone leads to it. A datagram's flow has no end. */
  remember(flow: Flow, aor: string): void {
    if (!flow.reliable) return;
    if (!flow.open) {
      // It went while the registrar was asked.
      this.#enqueue(flow.flowToken, [aor]);
      return;
    }
    const aors = this.#aors.get(flow);
    if (aors === undefined) {
      this.#aors.set(flow, new Set([aor]));
      this.#flows.set(flow.transport, this.flowCount(flow.transport) + 1);
    } else if (aors.size < mostPerFlow) aors.add(aor);
    else if (!aors.has(aor)) this.#parts.onGivenUp(1);
  }

  onFlowClosed(flow: Flow): void {
    const aors = this.#aors.get(flow);
    if (aors === undefined) return;
    this.#aors.delete(flow);
    this.#flows.set(flow.transport, this.flowCount(flow.transport) - 1);
    this.#enqueue(flow.flowToken, aors);
  }

  /** Tells what is left, if that can be done at once, and no more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    const deadlineAtMs = this.#parts.clock.nowMs() + lastCallMs;
    while (this.#waiting.length > 0) {
      const leftMs = deadlineAtMs - this.#parts.clock.nowMs();
      if (leftMs <= 0 || !(await this.#tell(leftMs))) return;
    }
  }

  #enqueue(token: string, aors: Iterable<string>): void {
    for (const aor of aors) this.#waiting.push({ token, aor });
    const excess = this.#waiting.length - mostWaiting;
    if (excess > 0) {
      this.#waiting.splice(0, excess);
      this.#parts.onGivenUp(excess);
    }
    // What goes within one turn of the event loop leaves together.
    if (!this.#telling && this.#timer === undefined && !this.#closed) this.#start(0);
  }

  #start(delayMs: number): void {
    this.#timer = this.#parts.clock.after(delayMs, () => {
      this.#timer = undefined;
      void this.#tellAll();
    });
  }

  async #tellAll(): Promise<void> {
    this.#telling = true;
    while (this.#waiting.length > 0 && !this.#closed) {
      if (await this.#tell(callTimeoutMs)) {
        this.#retryMs = retryMs.first;
        continue;
      }
      if (!this.#closed) this.#start(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, retryMs.longest);
      break;
    }
    this.#telling = false;
  }

  /** One batch; false where nobody has heard it: it is told again, which does no harm. */
  async #tell(timeoutMs: number): Promise<boolean> {
    const { endFlows, edge, logger } = this.#parts;
    const batch = this.#waiting.splice(0, mostPerCall);
    const aorsOf = new Map<string, string[]>();
    for (const { token, aor } of batch) {
      const aors = aorsOf.get(token);
      if (aors === undefined) aorsOf.set(token, [aor]);
      else aors.push(aor);
    }
    const flows = [...aorsOf].map(([token, aors]) => ({ edge, token, aors }));
    try {
      await endFlows({ flows }, { timeoutMs, traceparent: '' });
      return true;
    } catch (error) {
      logger.debug({ err: error, aors: batch.length }, 'ended flows could not be told to the registrar');
      this.#waiting.unshift(...batch);
      return false;
    }
  }
}
