/** As long as a request may be repeated over UDP: 64 × T1 (RFC 3261 section 17.2.2). */
const repeatMs = 32_000;
/** Challenges remembered: 2,000 a second for as long as they may be asked for again. About 25 MB when full, and no more. */
const places = 65_536;
/** A challenge may be in any of so many places; the oldest of them gives way. */
const placesEach = 4;
const sets = places / placesEach;

interface Recent {
  readonly toTag: string;
  readonly rows: string;
  readonly untilMs: number;
}

/**
 * The challenges given last, so that a repeated REGISTER gets the very same 401 without a transaction being kept for it.
 * A request finds its places by its To tag, which is a hash of what identifies it. In a storm younger ones may take
 * all of them; the repetition then gets a fresh challenge, which is as good.
 */
export class RecentChallenges {
  readonly #recent: (Recent | undefined)[] = new Array(places);

  /** The rows that this request got before; undefined where it has not, or not lately. */
  find(toTag: string, nowMs: number): string | undefined {
    const first = firstPlaceOf(toTag);
    for (let place = first; place < first + placesEach; place += 1) {
      const recent = this.#recent[place];
      if (recent === undefined) return undefined;
      if (recent.toTag === toTag) return nowMs < recent.untilMs ? recent.rows : undefined;
    }
    return undefined;
  }

  /** Remembers what a request got. */
  keep(toTag: string, rows: string, nowMs: number): void {
    const first = firstPlaceOf(toTag);
    let oldest = first;
    let oldestUntilMs = Number.POSITIVE_INFINITY;
    for (let place = first; place < first + placesEach; place += 1) {
      const recent = this.#recent[place];
      if (recent === undefined || recent.toTag === toTag) {
        oldest = place;
        break;
      }
      if (recent.untilMs < oldestUntilMs) {
        oldest = place;
        oldestUntilMs = recent.untilMs;
      }
    }
    this.#recent[oldest] = { toTag, rows, untilMs: nowMs + repeatMs };
  }
}

/** The last characters of the tag are hash bits themselves. */
function firstPlaceOf(toTag: string): number {
  const { length } = toTag;
  let bits = 0;
  for (let at = length - 4; at < length; at += 1) bits = bits * 37 + toTag.charCodeAt(at);
  return (bits % sets) * placesEach;
}
