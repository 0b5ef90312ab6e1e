import type { Clock, Timer } from '@rollcall/runtime';
import { ContactTable } from './contact-table.ts';
import type { NotifyContent } from './dialog.ts';
import { formatReginfo } from './reginfo-document.ts';
import type { WatchedContact } from './watched-contact.ts';

/** Changes that come together are told together: a REGISTER may change several contacts. */
const gatherMs = 100;

/** Why a subscription ends, as Subscription-State says it (RFC 6665 §4.1.3). */
export type EndReason = 'timeout' | 'deactivated' | 'rejected' | 'noresource';

/** What came of a NOTIFY. */
export type NotifyResult =
  /** The subscriber has it. */
  | { readonly kind: 'taken' }
  /** Not now: it is to be sent again after a while. */
  | { readonly kind: 'retry'; readonly afterSec: number }
  /** The subscriber does not know the subscription any more, or cannot be reached. */
  | { readonly kind: 'gone' };

/** What a {@link Subscription} needs. */
export interface SubscriptionParts {
  readonly aor: string;
  readonly registrationId: string;
  readonly clock: Clock;
  /** Between two documents with changes (RFC 3680 §4.10). */
  readonly notifyIntervalMs: number;
  /** Sends a NOTIFY; never rejects. */
  notify(content: NotifyContent): Promise<NotifyResult>;
  /** Called once: it is over, and nothing more is sent. */
  onOver(how: EndReason | 'unsubscribed' | 'gone'): void;
}

/**
 * One subscription to a registration (RFC 6665 §4.2.2, RFC 3680). It begins active, since who may watch is known at once, and
 * ends terminated. A NOTIFY is sent only when the one before it was answered: documents come in the order of their
 * versions.
 *
 * What a SUBSCRIBE asks for, the full state, is sent at once. Changes wait until the subscriber was told the last ones long
 * enough ago.
 */
export class Subscription {
  readonly #parts: SubscriptionParts;
  readonly #table = new ContactTable();
  #expiresAtMs = 0;
  #version = 0;
  #fullDue = false;
  #underWay = false;
  #gatheredAtMs = 0;
  #changesToldAtMs = Number.NEGATIVE_INFINITY;
  #notBeforeMs = Number.NEGATIVE_INFINITY;
  #ending: EndReason | 'unsubscribed' | undefined;
  #over = false;
  #expiryTimer: Timer | undefined;
  #sendTimer: Timer | undefined;

  constructor(parts: SubscriptionParts) {
    this.#parts = parts;
  }

  /** Takes all contacts; tells them where they are news. */
  replace(contacts: readonly WatchedContact[]): void {
    if (!this.#table.replace(contacts)) return;
    this.#fullDue = this.#version > 0 || this.#fullDue;
    this.#pump();
  }

  /** Takes changes. */
  change(contacts: readonly WatchedContact[]): void {
    if (!this.#table.hasChanges) this.#gatheredAtMs = this.#parts.clock.nowMs() + gatherMs;
    for (const contact of contacts) this.#table.change(contact);
    this.#pump();
  }

  /**
   * A SUBSCRIBE was granted: the first, or a refresh. All contacts are told.
   *
   * @param expiresSec 0 ends the subscription with that
   */
  subscribe(expiresSec: number): void {
    if (this.#over) return;
    const { clock } = this.#parts;
    this.#expiryTimer?.cancel();
    this.#fullDue = true;
    // Whoever asks is not kept waiting.
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
    if (expiresSec === 0) {
      this.#ending ??= 'unsubscribed';
    } else {
      this.#expiresAtMs = clock.nowMs() + expiresSec * 1000;
      this.#expiryTimer = clock.after(expiresSec * 1000, () => this.end('timeout'));
    }
    this.#pump();
  }

  /** Ends it; the subscriber is told why. */
  end(reason: EndReason): void {
    if (this.#over || this.#ending !== undefined) return;
    this.#ending = reason;
    this.#notBeforeMs = Number.NEGATIVE_INFINITY;
    this.#pump();
  }

  /** Ends it without a word. */
  close(): void {
    this.#over = true;
    this.#expiryTimer?.cancel();
    this.#sendTimer?.cancel();
  }

  #pump(): void {
    if (this.#over || this.#underWay) return;
    this.#sendTimer?.cancel();
    const dueAtMs = this.#dueAtMs();
    if (dueAtMs === undefined) return;
    const waitMs = dueAtMs - this.#parts.clock.nowMs();
    if (waitMs <= 0) void this.#send();
    else this.#sendTimer = this.#parts.clock.after(waitMs, () => void this.#send());
  }

  /** When the next NOTIFY is to be sent; undefined where there is nothing to tell. */
  #dueAtMs(): number | undefined {
    if (this.#ending !== undefined || this.#fullDue) return this.#notBeforeMs;
    if (!this.#table.hasChanges) return undefined;
    return Math.max(
      this.#gatheredAtMs,
      this.#changesToldAtMs + this.#parts.notifyIntervalMs,
      this.#notBeforeMs,
    );
  }

  async #send(): Promise<void> {
    const { clock, notify } = this.#parts;
    const nowMs = clock.nowMs();
    const ending = this.#ending;
    // Who may watch no more is told that, and nothing else.
    const document = ending === 'rejected' ? '' : this.#writeDocument(ending !== undefined, nowMs);
    this.#underWay = true;
    const result = await notify({ subscriptionState: this.#stateRow(ending, nowMs), document });
    this.#underWay = false;
    if (this.#over) return;
    if (ending !== undefined) this.#finish(ending);
    else this.#conclude(result);
  }

  /** The last word is complete: who looks once, or no more, has everything (RFC 3680 §4.7.2). */
  #writeDocument(isLast: boolean, nowMs: number): string {
    const full = this.#fullDue || isLast || this.#version === 0;
    const { contacts, state } = full ? this.#table.tellAll() : this.#table.tellChanges();
    const { aor, registrationId } = this.#parts;
    const version = this.#version;
    this.#version += 1;
    this.#fullDue = false;
    if (!full) this.#changesToldAtMs = nowMs;
    return formatReginfo({ version, full, aor, registrationId, state, contacts }, nowMs);
  }

  #conclude(result: NotifyResult): void {
    if (result.kind === 'gone') {
      this.#finish('gone');
      return;
    }
    if (result.kind === 'retry') {
      // What it was to be told is lost, so it gets everything.
      this.#fullDue = true;
      this.#notBeforeMs = this.#parts.clock.nowMs() + result.afterSec * 1000;
    }
    this.#pump();
  }

  #finish(how: EndReason | 'unsubscribed' | 'gone'): void {
    this.close();
    this.#parts.onOver(how);
  }

  #stateRow(ending: EndReason | 'unsubscribed' | undefined, nowMs: number): string {
    if (ending !== undefined) return `terminated;reason=${ending === 'unsubscribed' ? 'timeout' : ending}`;
    return `active;expires=${Math.max(0, Math.ceil((this.#expiresAtMs - nowMs) / 1000))}`;
  }
}
