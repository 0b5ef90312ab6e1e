import type { Clock, Timer } from '@rollcall/runtime';
import { namesOfSubscriber } from './changed-names.ts';
import type { LinkEvents } from './subscriber-link.ts';
import { changesSchema } from './webhook-answers.ts';
import type { WebhookRequests } from './webhook-requests.ts';

/** For how long a webhook may hold its answer back until there is a change: it is asked to for 20 s. */
const holdTimeoutMs = 30_000;

/** A webhook that holds nothing back is asked so often: changes are promised within a second. */
const pollIntervalMs = 300;

/** After a failure, growing with each attempt. */
const firstRetryMs = 200;
const lastRetryMs = 5000;

/** Asks a webhook again and again what has changed since the last time. */
export class WebhookChanges {
  readonly #requests: WebhookRequests;
  readonly #clock: Clock;
  readonly #events: LinkEvents;
  /** Where the last answer ended; undefined where none is known, and anyone may have changed. */
  #cursor: string | undefined;
  #timer: Timer | undefined;
  #retryMs = firstRetryMs;
  #closed = false;

  constructor(requests: WebhookRequests, clock: Clock, events: LinkEvents) {
    this.#requests = requests;
    this.#clock = clock;
    this.#events = events;
    void this.#ask();
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #ask(): Promise<void> {
    const after = this.#cursor;
    const askedAtMs = this.#clock.nowMs();
    try {
      const request = { changes: after === undefined ? {} : { after, holdSec: 20 } };
      const { cursor, changed } = await this.#requests.ask(request, changesSchema, holdTimeoutMs);
      if (this.#closed) return;
      this.#cursor = cursor;
      this.#retryMs = firstRetryMs;
      if (after === undefined) this.#events.onUp();
      this.#tell(after === undefined ? null : changed);
      const spentMs = this.#clock.nowMs() - askedAtMs;
      this.#askIn(after === undefined ? 0 : Math.max(0, pollIntervalMs - spentMs));
    } catch (error) {
      if (this.#closed) return;
      // What changes until it answers again is told to nobody.
      this.#cursor = undefined;
      this.#events.onDown(error instanceof Error ? error.message : String(error));
      this.#askIn(this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
    }
  }

  #tell(changed: readonly { domain: string; username: string }[] | null): void {
    if (changed === null) this.#events.onChange(undefined);
    else if (changed.length > 0)
      this.#events.onChange(changed.flatMap(({ domain, username }) => namesOfSubscriber(username, domain)));
  }

  #askIn(delayMs: number): void {
    this.#timer = this.#clock.after(delayMs, () => void this.#ask());
  }
}
