import { randomBytes } from 'node:crypto';
import type { Clock } from '@rollcall/runtime';
import { parseMessage, SipParseError, type SipResponse, validateResponse } from '@rollcall/sip';
import { ClientTransactions } from '@rollcall/transaction';
import type { ClientTrust, HostPort } from '@rollcall/transport';
import { ackOf, byeOf, cancelOf } from './call-end.ts';
import { type ClientFlow, openClientFlow } from './client-flow.ts';
import type { ClientTransport } from './client-transports.ts';
import { noAnswer } from './no-answer.ts';
import { buildOutgoing, type OutgoingRequest } from './outgoing-request.ts';

/** A final response, and how long it took. */
export interface Answer {
  readonly response: SipResponse;
  readonly afterMs: number;
}

/** Settings of {@link SipCaller.open}. */
export interface SipCallerOptions {
  readonly server: HostPort;
  readonly transport: ClientTransport;
  /** Whom to trust over tls and wss. */
  readonly trust: ClientTrust;
  /** The port of this end; another is taken where it is in use. 0: any. */
  readonly localPort: number;
  /** How long to wait for each final response. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** How long a call that was cancelled may take to end. */
const cancelTimeMs = 1_000;

/** Sends requests to one server and waits for their final responses. */
export class SipCaller {
  readonly #options: SipCallerOptions;
  readonly #transactions: ClientTransactions;
  readonly #flow: ClientFlow;
  /** Why nothing more will come; '' as long as something may. */
  #brokenBy = '';
  readonly #waiting = new Set<(error: Error) => void>();

  /** @throws CommandFailure with exit code 3 where there is no way to the server */
  static async open(options: SipCallerOptions): Promise<SipCaller> {
    let caller: SipCaller | undefined;
    const flow = await openClientFlow(options, {
      onMessage(bytes) {
        if (caller !== undefined) caller.#receive(bytes);
      },
      onBroken(reason) {
        if (caller !== undefined) caller.#break(reason);
      },
    });
    caller = new SipCaller(options, flow);
    return caller;
  }

  private constructor(options: SipCallerOptions, flow: ClientFlow) {
    this.#options = options;
    this.#flow = flow;
    this.#transactions = new ClientTransactions({ clock: options.clock });
  }

  /** Where the requests go: an IP literal and a port. */
  get server(): HostPort {
    return this.#flow.server;
  }

  get transport(): ClientTransport {
    return this.#flow.transport;
  }

  /** Where this end is reached, as Via and Contact say it. */
  get sentBy(): string {
    return this.#flow.sentBy;
  }

  /**
   * Sends a request and waits for its final response. A call that somebody takes is ended at once; one that rings until
   * the time is over is cancelled.
   *
   * @throws CommandFailure with exit code 3 where there is no final response in time
   */
  async send(request: OutgoingRequest): Promise<Answer> {
    const { clock, timeoutMs } = this.#options;
    const startedAtMs = clock.nowMs();
    const branch = newBranch();
    let progressed = false;
    const final = this.#start(request, branch, () => {
      progressed = true;
    });
    let response = await this.#atMost(timeoutMs, final);
    const afterMs = clock.nowMs() - startedAtMs;
    const rings = response === undefined && progressed && request.method === 'INVITE';
    if (rings) {
      // Its own answer says nothing: the INVITE's does, a 487 or, where the two crossed, a 2xx.
      await this.#atMost(cancelTimeMs, this.#start(cancelOf(request), branch));
      response = await this.#atMost(cancelTimeMs, final);
    }
    if (response !== undefined && response.status < 300 && request.method === 'INVITE') {
      await this.#hangUp(request, response);
    }
    if (response === undefined || rings)
      throw this.#noAnswer(rings ? 'it rings, but nobody takes the call' : '');
    return { response, afterMs };
  }

  /** Forgets what is under way and frees the port. */
  async close(): Promise<void> {
    this.#transactions.close();
    await this.#flow.close();
  }

  /** Settles with the final response; rejects where none can come any more. */
  #start(request: OutgoingRequest, branch: string, onProgress: () => void = () => {}): Promise<SipResponse> {
    const flow = this.#flow;
    return new Promise((resolve, reject) => {
      if (this.#brokenBy !== '') {
        reject(this.#noAnswer(this.#brokenBy));
        return;
      }
      this.#waiting.add(reject);
      const bytes = buildOutgoing(request, flow, branch);
      this.#transactions.start({ method: request.method, branch, sentBy: flow.sentBy, bytes }, flow, {
        onResponse: (response) => (response.status < 200 ? onProgress() : resolve(response)),
        onFailure: () => reject(this.#noAnswer('')),
      });
    });
  }

  async #hangUp(invite: OutgoingRequest, taken: SipResponse): Promise<void> {
    this.#flow.send(buildOutgoing(ackOf(invite, taken), this.#flow, newBranch()));
    await this.#atMost(this.#options.timeoutMs, this.#start(byeOf(invite, taken), newBranch()));
  }

  /** What the promise settles with, or undefined when the time is over. */
  async #atMost(timeMs: number, final: Promise<SipResponse>): Promise<SipResponse | undefined> {
    let end = (): void => {};
    const over = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    const timer = this.#options.clock.after(timeMs, end);
    try {
      return await Promise.race([final, over]);
    } finally {
      timer.cancel();
    }
  }

  #receive(bytes: Buffer): void {
    const response = readResponse(bytes, this.#flow.framing);
    if (response !== undefined) this.#transactions.receive(response);
  }

  #break(reason: string): void {
    this.#brokenBy = reason;
    for (const reject of this.#waiting) reject(this.#noAnswer(reason));
  }

  #noAnswer(why: string): Error {
    return noAnswer(this.#flow.server, this.transport, why);
  }
}

/** Unique in space and time (RFC 3261 §8.1.1.7). */
function newBranch(): string {
  return `z9hG4bK${randomBytes(9).toString('hex')}`;
}

/** A response that can be used; anything else that comes is no answer to this caller. */
function readResponse(bytes: Buffer, framing: ClientFlow['framing']): SipResponse | undefined {
  try {
    const message = parseMessage(bytes, framing);
    return message.kind === 'response' && validateResponse(message) === undefined ? message : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
