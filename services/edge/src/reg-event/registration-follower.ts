import {
  type PacedStream,
  type RegistrarCalls,
  ServiceFault,
  type WatchRegistrationRequest,
  type WatchRegistrationResponse,
} from '@rollcall/rpc';
import type { Clock, Timer } from '@rollcall/runtime';

/** The registrar promises something every 10 s; after so long without, it is taken for dead. */
const silenceMs = 15_000;

/** Between two attempts: at first, and at most. */
const firstRetryMs = 100;
const longestRetryMs = 5000;

/** What a {@link RegistrationFollower} works with. */
export interface FollowerParts {
  readonly registrar: Pick<RegistrarCalls, 'watchRegistration'>;
  readonly clock: Clock;
  /** From 0 up to 1: edges that lose a registrar together do not come back together. */
  readonly random: () => number;
  /** Takes what is told, but not that nothing is. */
  onTold(response: WatchRegistrationResponse): void;
  /** The watcher may watch no more; nothing is told afterwards. */
  onRevoked(): void;
}

/** Follows a registration from registrar to registrar: each tells all contacts at first, and their changes then. */
export class RegistrationFollower {
  readonly #parts: FollowerParts;
  readonly #request: WatchRegistrationRequest;
  #stream: PacedStream | undefined;
  #timer: Timer | undefined;
  #attempts = 0;
  #over = false;

  constructor(parts: FollowerParts, request: WatchRegistrationRequest) {
    this.#parts = parts;
    this.#request = request;
    this.#open();
  }

  /** Ends it; nothing is told afterwards. */
  close(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#stream?.cancel();
  }

  #open(): void {
    let isCurrent = true;
    const leave = () => {
      if (!isCurrent || this.#over) return;
      isCurrent = false;
      this.#retry();
    };
    try {
      const stream = this.#parts.registrar.watchRegistration(this.#request, {
        onResponse: (response) => {
          if (isCurrent && !this.#over) this.#take(response, leave);
          return true;
        },
        onEnd: (fault) => {
          if (isCurrent && !this.#over && fault?.reason === 'WATCH_REVOKED') this.#revoke();
          else leave();
        },
      });
      this.#stream = {
        resume: () => stream.resume(),
        cancel: () => {
          isCurrent = false;
          stream.cancel();
        },
      };
      this.#expect(leave);
    } catch (error) {
      // In one process the refusal comes from within the call.
      if (!(error instanceof ServiceFault)) throw error;
      leave();
    }
  }

  #take(response: WatchRegistrationResponse, leave: () => void): void {
    this.#attempts = 0;
    this.#expect(leave);
    if (response.full || response.contacts.length > 0) this.#parts.onTold(response);
  }

  #revoke(): void {
    this.close();
    this.#parts.onRevoked();
  }

  #expect(leave: () => void): void {
    this.#timer?.cancel();
    this.#timer = this.#parts.clock.after(silenceMs, leave);
  }

  #retry(): void {
    const { clock, random } = this.#parts;
    this.#timer?.cancel();
    this.#stream?.cancel();
    this.#stream = undefined;
    const delayMs = Math.min(longestRetryMs, firstRetryMs * 2 ** this.#attempts) * (0.5 + random());
    this.#attempts += 1;
    this.#timer = clock.after(delayMs, () => this.#open());
  }
}
