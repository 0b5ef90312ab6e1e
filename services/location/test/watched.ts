import {
  EventType,
  type LocationApiCalls,
  type RegistrationEvent,
  type ServiceFault,
  type WatchRegistrationsRequest,
  type WatchRegistrationsResponse,
} from '@rollcall/rpc';

const typeNames = Object.fromEntries(Object.entries(EventType).map(([key, value]) => [value, key]));

/** One watch, and all that it was told. */
export class Watched {
  readonly events: RegistrationEvent[] = [];
  token = '';
  #isComplete = false;
  #fault: { fault: ServiceFault | undefined } | undefined;
  #taken = 0;
  readonly #wakeUps = new Set<() => void>();
  readonly #stream: { cancel(): void };

  /** @param pace how many responses are taken; all of them by default */
  constructor(api: LocationApiCalls, request: Partial<WatchRegistrationsRequest>, pace?: { taken: number }) {
    const all = { aors: [], domain: '', resumeToken: '', skipInitialState: false, ...request };
    this.#stream = api.watchRegistrations(all, {
      onResponse: (response) => {
        this.#take(response);
        this.#taken += 1;
        return pace === undefined || this.#taken < pace.taken;
      },
      onEnd: (fault) => {
        this.#fault = { fault };
        this.#wake();
      },
    });
  }

  cancel(): void {
    this.#stream.cancel();
  }

  types(aor?: string): string[] {
    return this.events
      .filter((each) => aor === undefined || each.aor === aor)
      .map(({ type }) => typeNames[type] ?? '');
  }

  /** What is bound to an AOR by now, as a reader of the events would think. */
  bound(aor: string): Set<string> {
    const bound = new Set<string>();
    for (const event of this.events.filter((each) => each.aor === aor)) {
      const isGone = event.type === EventType.REMOVED || event.type === EventType.EXPIRED;
      if (isGone) bound.delete(event.bindingId);
      else bound.add(event.bindingId);
    }
    return bound;
  }

  async complete(): Promise<void> {
    await this.#wait(() => this.#isComplete);
  }

  async until(isDone: (events: readonly RegistrationEvent[]) => boolean): Promise<RegistrationEvent[]> {
    await this.#wait(() => isDone(this.events));
    return this.events;
  }

  async ended(): Promise<ServiceFault | undefined> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (this.#fault !== undefined) resolve();
      };
      this.#wakeUps.add(look);
      look();
    });
    return this.#fault?.fault;
  }

  #take({ events, resumeToken, initialStateComplete }: WatchRegistrationsResponse): void {
    this.events.push(...events);
    this.token = resumeToken;
    this.#isComplete ||= initialStateComplete;
    this.#wake();
  }

  #wake(): void {
    for (const wakeUp of [...this.#wakeUps]) wakeUp();
  }

  #wait(isDone: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (isDone()) resolve();
        else if (this.#fault !== undefined) reject(this.#fault.fault ?? new Error('it ended'));
        else return;
        this.#wakeUps.delete(look);
      };
      this.#wakeUps.add(look);
      look();
    });
  }
}
