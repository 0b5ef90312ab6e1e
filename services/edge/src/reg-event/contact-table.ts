import { isActive } from './contact-event.ts';
import type { WatchedContact } from './watched-contact.ts';

/** What a document is to tell, and which state the registration is in then. */
export interface Telling {
  readonly contacts: readonly WatchedContact[];
  readonly state: 'init' | 'active' | 'terminated';
}

/**
 * What one subscriber has been told of a registration, and what it is still to be told. Changes of one contact that come
 * before they are told become one: the last.
 */
export class ContactTable {
  readonly #bound = new Map<string, WatchedContact>();
  /** Changed since the last telling, in the order of their first change. */
  readonly #changed = new Map<string, WatchedContact>();

  /** True where a document with changes is due. */
  get hasChanges(): boolean {
    return this.#changed.size > 0;
  }

  /**
   * Takes all contacts, in place of what was known.
   *
   * @returns false where nothing is new: another registrar told the same
   */
  replace(contacts: readonly WatchedContact[]): boolean {
    const isSame =
      this.#changed.size === 0 &&
      contacts.length === this.#bound.size &&
      contacts.every((contact) => isSameState(contact, this.#bound.get(contact.id)));
    this.#bound.clear();
    this.#changed.clear();
    for (const contact of contacts) this.#bound.set(contact.id, contact);
    return !isSame;
  }

  /** Takes one change. */
  change(contact: WatchedContact): void {
    const waiting = this.#changed.get(contact.id);
    // A contact that the subscriber has not heard of yet was registered, however often it was refreshed since.
    const isNews = waiting?.event === 'registered' && contact.event === 'refreshed';
    const told: WatchedContact = isNews ? { ...contact, event: 'registered' } : contact;
    this.#changed.set(contact.id, told);
    if (isActive(contact.event)) this.#bound.set(contact.id, told);
    else this.#bound.delete(contact.id);
  }

  /** Everything, for a full document. */
  tellAll(): Telling {
    this.#changed.clear();
    const contacts = [...this.#bound.values()];
    return { contacts, state: contacts.length > 0 ? 'active' : 'init' };
  }

  /** What changed, for a partial document. */
  tellChanges(): Telling {
    const contacts = [...this.#changed.values()];
    this.#changed.clear();
    // That it goes back to init is never told (RFC 3680 §4.7.1).
    return { contacts, state: this.#bound.size > 0 ? 'active' : 'terminated' };
  }
}

function isSameState(one: WatchedContact, other: WatchedContact | undefined): boolean {
  return one.callId === other?.callId && one.cseq === other.cseq && one.uri === other.uri;
}
