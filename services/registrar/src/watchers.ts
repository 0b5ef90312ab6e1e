import type { AuthCalls, CallBudget, CallContext } from '@rollcall/rpc';
import { domainOfAor, type Identity, userOfAor } from './authorise.ts';

/** A subscription that was granted: what is watched, and the own AOR of who watches. */
export interface Granted {
  readonly aor: string;
  readonly watcher: string;
}

/** Who may watch the registrations of others: those whom a subscriber's entry names. */
export class Watchers {
  readonly #auth: Pick<AuthCalls, 'resolveAddress'>;

  constructor(auth: Pick<AuthCalls, 'resolveAddress'>) {
    this.#auth = auth;
  }

  /**
   * The AOR under which what `identity` wants to watch is kept; undefined where it may not, or there is no such
   * subscriber. A fault of auth is thrown.
   */
  async findWatched(identity: Identity, aor: string, budget: CallBudget): Promise<string | undefined> {
    const user = userOfAor(aor);
    const number = /^\+[0-9]+$/.test(user) ? user : '';
    const asked = { aor, number, domain: domainOfAor(aor), watcher: '' };
    const { aor: found, watchers } = await this.#auth.resolveAddress(asked, budget.next());
    return found !== '' && watchers.some((each) => identity.aors.includes(each)) ? found : undefined;
  }

  /** Whether one who was granted a subscription may have it still. A fault of auth is thrown. */
  async mayStillWatch({ aor, watcher }: Granted, context: CallContext): Promise<boolean> {
    const asked = { aor, number: '', domain: domainOfAor(aor), watcher };
    const { watcherRefused } = await this.#auth.resolveAddress(asked, context);
    return !watcherRefused;
  }
}
