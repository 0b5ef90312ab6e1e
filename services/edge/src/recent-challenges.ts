import { AnswerLog } from '@rollcall/transaction';

/** As long as a request may be repeated over UDP: 64 × T1 (RFC 3261 section 17.2.2). */
const repeatMs = 32_000;
/** Challenges remembered: 4,000 a second for as long as they may be asked for again. */
const mostChallenges = 128_000;
/** About 500 bytes each with two challenges; a domain with more or longer ones has fewer remembered. */
const mostBytes = 64 * 1024 * 1024;

/**
 * The challenges given last, so that a repeated REGISTER gets the very same 401 without a transaction being kept for it.
 * A request is known by its To tag, which is a hash of what identifies it. In a storm younger ones may take all the
 * room; the repetition then gets a fresh challenge, which is as good.
 */
export class RecentChallenges {
  readonly #log: AnswerLog;

  constructor(random: () => number) {
    const limits = { lifetimeMs: repeatMs, maxAnswers: mostChallenges, maxBytes: mostBytes };
    this.#log = new AnswerLog(limits, random() * 2 ** 32);
  }

  /** The rows that this request got before; undefined where it has not, or not lately. */
  find(toTag: string, nowMs: number): string | undefined {
    return this.#log.find(toTag, nowMs)?.toString('latin1');
  }

  /** Remembers what a request got. */
  keep(toTag: string, rows: string, nowMs: number): void {
    this.#log.dropOver(nowMs);
    this.#log.keep(toTag, Buffer.from(rows, 'latin1'), nowMs);
  }
}
