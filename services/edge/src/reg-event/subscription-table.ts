import { hash } from 'node:crypto';
import type { RegistrarCalls, SubscribeResponse, WatchRegistrationResponse } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { Dialog } from './dialog.ts';
import type { NotifySender, Subscriber } from './notify-sender.ts';
import { RegistrationFollower } from './registration-follower.ts';
import { Subscription } from './subscription.ts';
import type { SubscriptionMetrics } from './subscription-metrics.ts';
import { readWatchedContact, type WatchedContact } from './watched-contact.ts';

/** What the registrar has granted. */
export type Granted = Extract<SubscribeResponse['outcome'], { $case: 'granted' }>['value'];

/** How many subscriptions there may be. */
export interface SubscriptionLimits {
  readonly subscriptions: number;
  readonly subscriptionsPerAor: number;
  readonly subscriptionsPerWatcher: number;
  readonly notifyIntervalSec: number;
}

/** What a {@link SubscriptionTable} works with. */
export interface SubscriptionTableParts {
  readonly registrar: Pick<RegistrarCalls, 'watchRegistration'>;
  readonly sender: NotifySender;
  readonly limits: SubscriptionLimits;
  readonly clock: Clock;
  readonly metrics: SubscriptionMetrics;
  readonly random: () => number;
}

/** A subscription and its dialog. */
export interface Subscribed {
  readonly subscriber: Subscriber;
  readonly subscription: Subscription;
  readonly granted: Granted;
  /** The served domain: the realm of its refreshes. */
  readonly domain: string;
  readonly follower: RegistrationFollower;
}

/** All subscriptions of this edge. They live as long as it does: another edge does not know their dialogs. */
export class SubscriptionTable {
  readonly #parts: SubscriptionTableParts;
  readonly #byDialog = new Map<string, Subscribed>();
  readonly #byAor = new Map<string, number>();
  readonly #byWatcher = new Map<string, number>();
  #stopping = false;

  constructor(parts: SubscriptionTableParts) {
    this.#parts = parts;
    parts.metrics.exposeActive(() => this.#byDialog.size);
  }

  /** The subscription of a dialog. */
  find(callId: string, localTag: string, remoteTag: string): Subscribed | undefined {
    return this.#byDialog.get(Dialog.keyOf(callId, localTag, remoteTag));
  }

  /** False where one more would be too many, in all, of this AOR or of this watcher. */
  hasRoom({ aor, watcher }: Granted): boolean {
    const { subscriptions, subscriptionsPerAor, subscriptionsPerWatcher } = this.#parts.limits;
    return (
      !this.#stopping &&
      this.#byDialog.size < subscriptions &&
      (this.#byAor.get(aor) ?? 0) < subscriptionsPerAor &&
      (this.#byWatcher.get(watcher) ?? 0) < subscriptionsPerWatcher
    );
  }

  /**
   * Begins a subscription once a registrar has told what it is about; undefined where none has within the time. It is in
   * the table then, and tells nothing before its `subscribe`.
   */
  open(
    subscriber: Subscriber,
    granted: Granted,
    domain: string,
    timeoutMs: number,
  ): Promise<Subscribed | undefined> {
    const { registrar, clock, random, limits, sender, metrics } = this.#parts;
    const { aor, watcher, mayRegister } = granted;
    const { key } = subscriber.dialog;
    return new Promise((resolve) => {
      const subscription = new Subscription({
        aor,
        registrationId: hash('sha256', aor, 'base64url').slice(0, 11),
        clock,
        notifyIntervalMs: limits.notifyIntervalSec * 1000,
        notify: (content) => sender.notify(subscriber, content),
        onOver: (how) => {
          follower.close();
          this.#remove(key, granted);
          metrics.countEnd(how);
        },
      });
      const onTold = (response: WatchRegistrationResponse) => {
        const contacts = readContacts(response, clock.nowMs());
        if (response.full) subscription.replace(contacts);
        else subscription.change(contacts);
        timer.cancel();
        resolve(subscribed);
      };
      const request = { aor, watcher, temporaryGruus: mayRegister };
      // The registrar has decided otherwise than when it granted this (RFC 6665 §4.2.2).
      const onRevoked = () => subscription.end('rejected');
      const follower = new RegistrationFollower({ registrar, clock, random, onTold, onRevoked }, request);
      const subscribed = { subscriber, subscription, granted, domain, follower };
      this.#add(key, subscribed);
      const timer = clock.after(timeoutMs, () => {
        follower.close();
        subscription.close();
        this.#remove(key, granted);
        resolve(undefined);
      });
    });
  }

  /**
   * Ends all subscriptions, spread over the time: their watchers subscribe again, to another edge, and must not do so all
   * at once (RFC 6665 §4.1.3, deactivated).
   *
   * @returns false where there is none
   */
  endAll(durationMs: number): boolean {
    this.#stopping = true;
    const { clock, random } = this.#parts;
    for (const { subscription } of this.#byDialog.values())
      clock.after(random() * durationMs, () => subscription.end('deactivated'));
    return this.#byDialog.size > 0;
  }

  /** Forgets all without a word. */
  close(): void {
    this.#stopping = true;
    for (const { subscription, follower } of this.#byDialog.values()) {
      follower.close();
      subscription.close();
    }
    this.#byDialog.clear();
  }

  #add(key: string, subscribed: Subscribed): void {
    const { aor, watcher } = subscribed.granted;
    this.#byDialog.set(key, subscribed);
    count(this.#byAor, aor, 1);
    count(this.#byWatcher, watcher, 1);
  }

  #remove(key: string, { aor, watcher }: Granted): void {
    if (!this.#byDialog.delete(key)) return;
    count(this.#byAor, aor, -1);
    count(this.#byWatcher, watcher, -1);
  }
}

function readContacts({ contacts }: WatchRegistrationResponse, nowMs: number): WatchedContact[] {
  return contacts.flatMap((contact) => readWatchedContact(contact, nowMs) ?? []);
}

function count(counts: Map<string, number>, name: string, change: 1 | -1): void {
  const value = (counts.get(name) ?? 0) + change;
  if (value > 0) counts.set(name, value);
  else counts.delete(name);
}
