import { AddressStatus, type AuthCalls, type CallContext, type ResolveAddressResponse } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';

/** A moved or withdrawn number is noticed within this time; a burst of calls to one number asks once. */
const keptMs = 1000;
const mostKept = 10_000;

/** What auth knows of an address. */
export type Known =
  | { readonly kind: 'known'; readonly aor: string }
  | { readonly kind: 'unknown' }
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
    return toKnown(await this.#auth.resolveAddress({ aor, number, domain }, context));
  }
}

function toKnown(response: ResolveAddressResponse): Known {
  switch (response.status) {
    case AddressStatus.KNOWN:
      return { kind: 'known', aor: response.aor };
    case AddressStatus.FOREIGN_DOMAIN:
      return { kind: 'foreign' };
    case AddressStatus.UNKNOWN:
      return { kind: 'unknown' };
    default:
      throw new Error('auth does not say whether it knows the address');
  }
}
