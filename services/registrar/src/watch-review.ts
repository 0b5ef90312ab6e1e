import type { CallContext } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import { domainOfAor, userOfAor } from './authorise.ts';
import type { Granted } from './watchers.ts';

/** Questions to auth at once: a change may be about every watch there is. */
const mostQuestions = 8;
const questionMs = 900;

/** What auth could not say is asked again after this time. */
const retryMs = 1000;

/** A watch whose right is reviewed. */
export interface ReviewedWatch {
  readonly granted: Granted;
  /** True once it has ended. */
  readonly over: boolean;
  /** Ends it: its watcher may watch no more. */
  revoke(): void;
}

/** What a {@link WatchReview} works with. */
export interface WatchReviewParts {
  readonly clock: Clock;
  /** A fault is no answer. */
  mayStillWatch(granted: Granted, context: CallContext): Promise<boolean>;
}

/**
 * Asks auth again whether watchers may watch what they do (RFC 6665 §4.2.2: who loses the right is told at once). While auth
 * is away nobody loses it.
 */
export class WatchReview {
  readonly #parts: WatchReviewParts;
  readonly #due = new Set<ReviewedWatch>();
  readonly #later = new Set<ReviewedWatch>();
  #questions = 0;
  #retry: { cancel(): void } | undefined;

  constructor(parts: WatchReviewParts) {
    this.#parts = parts;
  }

  review(watches: Iterable<ReviewedWatch>): void {
    for (const watch of watches) this.#due.add(watch);
    this.#pump();
  }

  close(): void {
    this.#due.clear();
    this.#later.clear();
    this.#retry?.cancel();
  }

  #pump(): void {
    for (const watch of this.#due) {
      if (this.#questions >= mostQuestions) return;
      this.#due.delete(watch);
      if (!watch.over) void this.#ask(watch);
    }
  }

  async #ask(watch: ReviewedWatch): Promise<void> {
    this.#questions += 1;
    try {
      const holds = await this.#parts.mayStillWatch(watch.granted, {
        timeoutMs: questionMs,
        traceparent: '',
      });
      if (!holds && !watch.over) watch.revoke();
    } catch {
      this.#askLater(watch);
    }
    this.#questions -= 1;
    this.#pump();
  }

  #askLater(watch: ReviewedWatch): void {
    this.#later.add(watch);
    this.#retry ??= this.#parts.clock.after(retryMs, () => {
      this.#retry = undefined;
      const waited = [...this.#later];
      this.#later.clear();
      this.review(waited);
    });
  }
}

/**
 * Whether a change of these subscribers may change who watches; an empty list means everybody. It goes by the names of
 * watcher and watched. Of an AOR that is nobody's own the watched has none: only whoever may register it watches it, which
 * stands in the watcher's entry.
 */
export function concerns(
  subscribers: readonly { readonly realm: string; readonly username: string }[],
  { aor, watcher }: Granted,
): boolean {
  if (subscribers.length === 0) return true;
  return [aor, watcher].some((each) => {
    const [domain, user] = [domainOfAor(each), userOfAor(each)];
    const names = [user, `${user}@${domain}`];
    // An escaped user part has a name that is written otherwise.
    if (user.includes('%')) return true;
    return subscribers.some(({ realm, username }) => realm === domain && names.includes(username));
  });
}
