import type { AuthCalls, CallBudget } from '@rollcall/rpc';
import { domainOfAor, type Identity, userOfAor } from './authorise.ts';

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
    const asked = { aor, number, domain: domainOfAor(aor) };
    const { aor: found, watchers } = await this.#auth.resolveAddress(asked, budget.next());
    return found !== '' && watchers.some((each) => identity.aors.includes(each)) ? found : undefined;
  }
}
