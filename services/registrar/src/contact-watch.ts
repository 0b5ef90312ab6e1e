import { followRegistrations, type WatchApi, type WatchedEvent } from '@rollcall/client';
import {
  ContactEvent,
  GrpcCode,
  type PacedSink,
  type PacedStream,
  type PublicBinding,
  ServiceFault,
  type WatchedContact,
  type WatchRegistrationRequest,
  type WatchRegistrationResponse,
} from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { ReviewedWatch } from './watch-review.ts';
import type { ContactWriter } from './watched-contact.ts';

/** Half of what the contract promises. */
const heartbeatMs = 5000;

const nothingNew: WatchRegistrationResponse = { full: false, contacts: [] };

/** What a {@link ContactWatch} works with. */
export interface ContactWatchParts {
  readonly api: WatchApi;
  readonly writer: ContactWriter;
  readonly clock: Clock;
}

/**
 * Tells one edge the contacts of one AOR, and their changes as location tells them: all contacts at the start, and again
 * after anything that may have been missed.
 */
export class ContactWatch implements PacedStream, ReviewedWatch {
  readonly #parts: ContactWatchParts;
  readonly #request: WatchRegistrationRequest;
  readonly #sink: PacedSink<WatchRegistrationResponse>;
  readonly #onOver: () => void;
  readonly #ending = new AbortController();
  /** The contacts bound now, by their ids, and the event that each one's state comes from. */
  readonly #contacts = new Map<string, { binding: PublicBinding; event: ContactEvent }>();
  #complete = false;
  #mayWrite = true;
  /** True once something could not be told, since the reader did not keep up: it gets all contacts instead. */
  #behind = false;
  #timer: { cancel(): void } | undefined;
  #over = false;

  /** @param onOver called once, however it ends */
  constructor(
    parts: ContactWatchParts,
    request: WatchRegistrationRequest,
    sink: PacedSink<WatchRegistrationResponse>,
    onOver: () => void,
  ) {
    this.#parts = parts;
    this.#request = request;
    this.#sink = sink;
    this.#onOver = onOver;
    // Nothing is told from within the call that opens the watch.
    setImmediate(() => void this.#run());
  }

  get granted(): WatchRegistrationRequest {
    return this.#request;
  }

  get over(): boolean {
    return this.#over;
  }

  revoke(): void {
    if (this.#over) return;
    this.cancel();
    this.#sink.onEnd(
      new ServiceFault(GrpcCode.PERMISSION_DENIED, 'WATCH_REVOKED', 'the watcher may watch no more'),
    );
  }

  resume(): void {
    this.#mayWrite = true;
    if (!this.#behind) return;
    this.#behind = false;
    this.#tellAll();
  }

  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.cancel();
    this.#ending.abort();
    this.#onOver();
  }

  async #run(): Promise<void> {
    if (this.#over) return;
    this.#beatLater();
    const { api, clock } = this.#parts;
    const scope = { aors: [this.#request.aor] };
    const options = { signal: this.#ending.signal };
    try {
      for await (const event of followRegistrations(api, scope, options, clock)) this.#take(event);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(event: WatchedEvent): void {
    switch (event.type) {
      case 'reset':
        this.#contacts.clear();
        this.#complete = false;
        break;
      case 'complete':
        this.#complete = true;
        this.#tellAll();
        break;
      case 'snapshot':
        this.#bind(event, ContactEvent.REGISTERED);
        break;
      case 'created':
        this.#tell(this.#bind(event, ContactEvent.REGISTERED));
        break;
      case 'refreshed':
        this.#tell(this.#bind(event, ContactEvent.REFRESHED));
        break;
      case 'removed':
        this.#tell(
          this.#unbind(event, event.byOperator ? ContactEvent.DEACTIVATED : ContactEvent.UNREGISTERED),
        );
        break;
      case 'expired':
        this.#tell(this.#unbind(event, ContactEvent.EXPIRED));
        break;
      case 'flow-failed':
        // Nobody unregistered it, and nothing keeps the device from registering again (RFC 3680 §5.3).
        this.#tell(this.#unbind(event, ContactEvent.DEACTIVATED));
        break;
    }
  }

  #bind({ bindingId, binding }: ChangedBinding, event: ContactEvent): WatchedContact[] {
    if (binding === undefined) return [];
    this.#contacts.set(bindingId, { binding, event });
    return [this.#write(binding, event)];
  }

  /** An event without an id is about all contacts. */
  #unbind({ bindingId, binding }: ChangedBinding, event: ContactEvent): WatchedContact[] {
    if (bindingId === '') {
      const gone = [...this.#contacts.values()].map((each) => this.#write(each.binding, event));
      this.#contacts.clear();
      return gone;
    }
    const last = binding ?? this.#contacts.get(bindingId)?.binding;
    this.#contacts.delete(bindingId);
    return last === undefined ? [] : [this.#write(last, event)];
  }

  #write(binding: PublicBinding, event: ContactEvent): WatchedContact {
    const bound = [...this.#contacts.values()].map((each) => each.binding);
    return this.#parts.writer.write(this.#request, binding, event, bound);
  }

  #tell(contacts: WatchedContact[]): void {
    if (!this.#complete || contacts.length === 0) return;
    if (this.#mayWrite) this.#send({ full: false, contacts });
    else this.#behind = true;
  }

  #tellAll(): void {
    if (!this.#complete) return;
    if (!this.#mayWrite) {
      this.#behind = true;
      return;
    }
    const contacts = [...this.#contacts.values()].map(({ binding, event }) => this.#write(binding, event));
    this.#send({ full: true, contacts });
  }

  #send(response: WatchRegistrationResponse): void {
    if (this.#over) return;
    this.#mayWrite = this.#sink.onResponse(response);
    this.#beatLater();
  }

  #beatLater(): void {
    this.#timer?.cancel();
    if (this.#over) return;
    this.#timer = this.#parts.clock.after(heartbeatMs, () => {
      if (this.#mayWrite) this.#send(nothingNew);
      else this.#beatLater();
    });
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.cancel();
    const cause = error instanceof Error ? error.cause : undefined;
    this.#sink.onEnd(cause instanceof ServiceFault ? cause : undefined);
  }
}

type ChangedBinding = Pick<Extract<WatchedEvent, { bindingId: string }>, 'bindingId' | 'binding'>;
