import {
  type Connection,
  GrpcCode,
  type LocationApiCalls,
  type PacedStream,
  type RpcClock,
  ServiceFault,
  type WatchRegistrationsResponse,
} from '@rollcall/rpc';
import { delayBefore } from './retry.ts';
import { toRollcallError } from './rollcall-error.ts';
import { toWatchedEvent, type WatchedEvent, type WatchOptions, type WatchScope } from './watch-event.ts';

/** Responses that wait for the reader before the server is asked to wait. */
const mostWaiting = 8;

/** The server promises something every 10 s; after so long without, it is taken for dead. */
const silenceMs = 25_000;

/** Faults that no other attempt would cure. */
const final: ReadonlySet<number> = new Set([
  GrpcCode.INVALID_ARGUMENT,
  GrpcCode.NOT_FOUND,
  GrpcCode.PERMISSION_DENIED,
  GrpcCode.UNAUTHENTICATED,
  GrpcCode.UNIMPLEMENTED,
  GrpcCode.FAILED_PRECONDITION,
]);

/** What a watch needs of the connection; where location runs in the same process, it is always ready. */
export type WatchApi = Pick<LocationApiCalls & Connection, 'watchRegistrations' | 'whenReady'>;

/** How long a server may take to be there before the wait counts as an attempt. */
const connectMs = 2000;

/** What the reader is to hear next. */
type Waiting =
  | { readonly kind: 'response'; readonly response: WatchRegistrationsResponse }
  | { readonly kind: 'reset' }
  | { readonly kind: 'failed'; readonly error: unknown };

/**
 * Watches over calls that the caller has already: as `RollcallClient.watch` does.
 *
 * @throws RollcallError where the watch cannot be, whoever is asked
 */
export function followRegistrations(
  api: WatchApi,
  scope: WatchScope,
  options: WatchOptions,
  clock: RpcClock,
): AsyncIterable<WatchedEvent> {
  return new RegistrationWatch(api, scope, options, clock).events(options.signal);
}

/** A watch that goes on from stream to stream, until its reader has enough. */
export class RegistrationWatch {
  readonly #api: WatchApi;
  readonly #scope: WatchScope;
  readonly #clock: RpcClock;
  readonly #waiting: Waiting[] = [];
  #token: string;
  /** True once something of a state was told that is not complete yet. */
  #partly = false;
  #stream: PacedStream | undefined;
  #attempt = 0;
  #timer: { cancel(): void } | undefined;
  #wake: (() => void) | undefined;
  #paused = false;
  #over = false;

  constructor(api: WatchApi, scope: WatchScope, options: WatchOptions, clock: RpcClock) {
    this.#api = api;
    this.#scope = scope;
    this.#clock = clock;
    this.#token = options.resumeToken ?? '';
  }

  /**
   * All events, in order.
   *
   * @throws RollcallError where the watch cannot be, whoever is asked
   */
  async *events(signal: AbortSignal | undefined): AsyncGenerator<WatchedEvent, void, undefined> {
    const stop = () => this.#end();
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) this.#end();
    else this.#open();
    try {
      for (let next = await this.#next(); next !== undefined; next = await this.#next()) {
        if (next.kind === 'failed') throw toRollcallError(next.error);
        if (next.kind === 'reset') yield { type: 'reset' };
        else yield* toEvents(next.response);
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      this.#end();
    }
  }

  /** At the start and after an outage there is nobody to ask yet: that is worth a moment's wait. */
  #open(): void {
    this.#api.whenReady(connectMs).then(
      () => this.#openStream(),
      (error: unknown) => {
        if (!this.#over) this.#onEnd(error instanceof ServiceFault ? error : undefined);
      },
    );
  }

  #openStream(): void {
    if (this.#over) return;
    const { aors, domain } = { aors: [], domain: '', ...this.#scope };
    const request = { aors: [...aors], domain, resumeToken: this.#token, skipInitialState: false };
    this.#paused = false;
    let isCurrent = true;
    const isNew = this.#token === '';
    const stream = this.#api.watchRegistrations(request, {
      onResponse: (response) => isCurrent && this.#take(response, isNew),
      onEnd: (fault) => {
        if (isCurrent) this.#onEnd(fault);
      },
    });
    this.#stream = {
      resume: () => stream.resume(),
      cancel: () => {
        isCurrent = false;
        stream.cancel();
      },
    };
    this.#expect();
  }

  /** @param isNew true for a stream that tells the state; one that resumes only says that there is none to tell */
  #take(response: WatchRegistrationsResponse, isNew: boolean): boolean {
    this.#attempt = 0;
    this.#expect();
    if (response.resumeToken !== '') this.#token = response.resumeToken;
    this.#partly = response.resumeToken === '';
    const initialStateComplete = response.initialStateComplete && isNew;
    if (response.events.length > 0 || initialStateComplete) {
      this.#push({ kind: 'response', response: { ...response, initialStateComplete } });
    }
    this.#paused = this.#waiting.length >= mostWaiting;
    return !this.#paused;
  }

  #onEnd(fault: ServiceFault | undefined): void {
    this.#stream = undefined;
    this.#timer?.cancel();
    if (fault !== undefined && final.has(fault.code)) {
      this.#push({ kind: 'failed', error: fault });
      return;
    }
    if (fault?.code === GrpcCode.OUT_OF_RANGE) {
      // What was missed is no longer known.
      this.#token = '';
      this.#push({ kind: 'reset' });
    } else if (this.#partly && this.#token === '') {
      this.#push({ kind: 'reset' });
    }
    this.#partly = false;
    const delayMs = delayBefore(this.#attempt, fault);
    this.#attempt += 1;
    this.#timer = this.#clock.after(delayMs, () => this.#open());
  }

  /** A stream that says nothing for too long is left for another one. */
  #expect(): void {
    this.#timer?.cancel();
    this.#timer = this.#clock.after(silenceMs, () => {
      // A reader that asked it to wait hears nothing, and wants nothing.
      if (this.#paused) {
        this.#expect();
        return;
      }
      this.#stream?.cancel();
      this.#onEnd(new ServiceFault(GrpcCode.UNAVAILABLE, 'BACKEND_UNAVAILABLE', 'the watch fell silent'));
    });
  }

  #push(waiting: Waiting): void {
    if (this.#over) return;
    this.#waiting.push(waiting);
    this.#wake?.();
  }

  async #next(): Promise<Waiting | undefined> {
    while (this.#waiting.length === 0 && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#over) return undefined;
    const next = this.#waiting.shift();
    if (this.#paused && this.#waiting.length < mostWaiting / 2) {
      this.#paused = false;
      this.#stream?.resume();
    }
    return next;
  }

  #end(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#stream?.cancel();
    this.#wake?.();
  }
}

/** Only the last event of a response has told everything that the response's token stands for. */
function* toEvents(response: WatchRegistrationsResponse): Generator<WatchedEvent, void, undefined> {
  const { events, resumeToken, initialStateComplete } = response;
  for (const [index, event] of events.entries()) {
    const isLast = index === events.length - 1;
    const watched = toWatchedEvent(event, isLast ? resumeToken : '');
    if (watched !== undefined) yield watched;
  }
  if (initialStateComplete) yield { type: 'complete', resumeToken };
}
