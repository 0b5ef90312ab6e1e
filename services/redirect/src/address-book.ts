import {
  AddressStatus,
  type AuthCalls,
  type CallContext,
  type ResolveAddressResponse,
  SubscriberState,
} from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';

/** A moved or withdrawn number is noticed within this time; a burst of calls to one number asks once. */
const keptMs = 1000;
const mostKept = 10_000;

/** What auth knows of an address. */
export type Known =
  | { readonly kind: 'known'; readonly aor: string }
  /** Its subscriber is not to be called (403), or is gone for good (410). */
  | { readonly kind: 'blocked' | 'gone' }
  /** Its subscriber has moved for good: 301. */
  | { readonly kind: 'moved'; readonly uri: string }
  /** A name that could mean several: 485. */
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'unknown' }
  /** A number that goes on: 484. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'foreign' };

/** An address as a request gives it; see `Address`. */
export interface AddressAsked {
  readonly aor: string;
  readonly number: string;
  readonly domain: string;
}

/** Asks auth whose an address is. Answers about numbers are kept for a second. */
export class AddressBook {
  readonly #auth: Pick<AuthCalls, 'resolveAddress'>;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { known: Known; untilMs: number }>();

  constructor(auth: Pick<AuthCalls, 'resolveAddress'>, clock: Clock) {
    this.#auth = auth;
    this.#clock = clock;
  }

  /** Whose AOR or number it is. A fault of auth is thrown. */
  async find(address: AddressAsked, context: CallContext): Promise<Known> {
    if (address.number === '') return this.#ask(address, context);
    const key = `${address.number} ${address.aor}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined && this.#clock.nowMs() < kept.untilMs) return kept.known;
    this.#kept.delete(key);
    const known = await this.#ask(address, context);
    if (this.#kept.size >= mostKept) {
      const oldest = this.#kept.keys().next();
      if (oldest.done !== true) this.#kept.delete(oldest.value);
    }
    this.#kept.set(key, { known, untilMs: this.#clock.nowMs() + keptMs });
    return known;
  }

  async #ask({ aor, number, domain }: AddressAsked, context: CallContext): Promise<Known> {
    return toKnown(await this.#auth.resolveAddress({ aor, number, domain, watcher: '' }, context));
  }
}

function toKnown(response: ResolveAddressResponse): Known {
  switch (response.status) {
    case AddressStatus.KNOWN:
      return ofState(response);
    case AddressStatus.FOREIGN_DOMAIN:
      return { kind: 'foreign' };
    case AddressStatus.UNKNOWN:
      return { kind: 'unknown' };
    case AddressStatus.INCOMPLETE_NUMBER:
      return { kind: 'incomplete' };
    default:
      throw new Error('auth does not say whether it knows the address');
  }
}

function ofState({ aor, state, movedTo }: ResolveAddressResponse): Known {
  switch (state) {
    case SubscriberState.BLOCKED:
      return { kind: 'blocked' };
    case SubscriberState.GONE:
      return { kind: 'gone' };
    case SubscriberState.AMBIGUOUS:
      return { kind: 'ambiguous' };
    case SubscriberState.MOVED:
      return { kind: 'moved', uri: movedTo };
    default:
      return { kind: 'known', aor };
  }
}
