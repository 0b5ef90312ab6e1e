/** As long as a request may be repeated over UDP: 64 × T1 (RFC 3261 section 17.2.2). */
const repeatMs = 32_000;
/** A power of two. About 3 MB when full, and no more whatever arrives. */
const slots = 8192;

interface Recent {
  readonly toTag: string;
  readonly rows: string;
  readonly untilMs: number;
}

/**
 * The challenges given last, so that a repeated REGISTER gets the very same 401 without a transaction being kept for it.
 * A request finds its place by its To tag, which is a hash of what identifies it. Somebody else's request may take the
 * place at any time; the repetition then gets a fresh challenge, which is as good.
 */
export class RecentChallenges {
  readonly #recent: (Recent | undefined)[] = new Array(slots);

  /** The rows that this request got before; undefined where it has not, or not lately. */
  find(toTag: string, nowMs: number): string | undefined {
    const recent = this.#recent[slotOf(toTag)];
    return recent !== undefined && recent.toTag === toTag && nowMs < recent.untilMs ? recent.rows : undefined;
  }

  /** Remembers what a request got. */
  keep(toTag: string, rows: string, nowMs: number): void {
    this.#recent[slotOf(toTag)] = { toTag, rows, untilMs: nowMs + repeatMs };
  }
}

/** The last characters of the tag are hash bits themselves. */
function slotOf(toTag: string): number {
  const { length } = toTag;
  const bits =
    toTag.charCodeAt(length - 1) + toTag.charCodeAt(length - 2) * 31 + toTag.charCodeAt(length - 3) * 961;
  return bits & (slots - 1);
}
