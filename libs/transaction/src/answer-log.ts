import { hashKey } from './key-hash.ts';

/** Room for bytes is taken in portions of this size, and given back when the last answer in one is gone. */
const chunkBytes = 128 * 1024;
const firstPlaces = 1024;
/**
 * Answers looked at for one request. Chains are one or two long; who makes one longer, by keys that he has found to meet,
 * has his repetitions taken for new requests, and costs no more.
 */
const mostLooks = 32;
const none = -1;

/** Bounds of an {@link AnswerLog}. */
export interface AnswerLogLimits {
  readonly lifetimeMs: number;
  readonly maxAnswers: number;
  /** Of answers and keys together. */
  readonly maxBytes: number;
}

/**
 * Answers kept for repetitions of their requests, in the order in which they were given, which is the order in which they
 * expire since all live equally long.
 *
 * They are kept as bytes outside of V8's heap, found through a hash table of plain numbers: as objects a hundred thousand of
 * them, each 32 s old when it goes, would be copied twice and marked over and over by the garbage collector.
 */
export class AnswerLog {
  readonly #limits: AnswerLogLimits;
  readonly #seed: number;
  readonly #chunks: (Buffer | undefined)[] = [];
  #firstChunk = 0;
  #end = chunkBytes;
  #spare: Buffer | undefined;
  #places = new Places(firstPlaces);
  #oldest = 0;
  #count = 0;
  #bytes = 0;

  /** @param seed makes the places of keys unpredictable; a random 32 bits */
  constructor(limits: AnswerLogLimits, seed: number) {
    this.#limits = limits;
    this.#seed = seed | 0;
  }

  /** Answers held. */
  get size(): number {
    return this.#count;
  }

  /** When the oldest is over, in milliseconds since 1970; undefined where there is none. */
  get nextEndMs(): number | undefined {
    return this.#count === 0 ? undefined : this.#places.endsAtMs[this.#oldest];
  }

  /** The answer kept last under a key, as a copy; undefined where there is none, or its time is over. */
  find(key: string, nowMs: number): Buffer | undefined {
    const places = this.#places;
    const hash = hashKey(key, this.#seed);
    let place = places.firstWith(hash);
    for (let looked = 0; place !== none && looked < mostLooks; looked += 1) {
      if (places.hashes[place] === hash && this.#isKey(place, key))
        return this.#isOver(place, nowMs) ? undefined : this.#read(place);
      place = places.next[place] ?? none;
    }
    return undefined;
  }

  /**
   * Keeps an answer. The oldest are given up when there are too many: a retransmission is most likely within the first
   * seconds, and to refuse new requests for the sake of old answers would be worse than to process a late one twice. The one
   * just given stays in any case: its sender is the likeliest to ask again.
   *
   * @returns how many were given up before their time
   */
  keep(key: string, answer: Buffer, nowMs: number): number {
    const { lifetimeMs, maxAnswers, maxBytes } = this.#limits;
    const length = key.length + answer.length;
    let early = 0;
    while (this.#count > 0 && (this.#count >= maxAnswers || this.#bytes + length > maxBytes)) {
      if (!this.#isOver(this.#oldest, nowMs)) early += 1;
      this.#dropOldest();
    }
    if (this.#count === this.#places.size) this.#grow();
    const places = this.#places;
    const place = (this.#oldest + this.#count) & (places.size - 1);
    const chunk = this.#chunkFor(length);
    places.chunks[place] = this.#firstChunk + this.#chunks.length - 1;
    places.starts[place] = this.#end;
    places.keyLengths[place] = key.length;
    places.lengths[place] = length;
    places.endsAtMs[place] = nowMs + lifetimeMs;
    chunk.write(key, this.#end, key.length, 'latin1');
    chunk.set(answer, this.#end + key.length);
    this.#end += length;
    places.link(place, hashKey(key, this.#seed));
    this.#count += 1;
    this.#bytes += length;
    return early;
  }

  /** Lets those go whose time is over. */
  dropOver(nowMs: number): void {
    while (this.#count > 0 && this.#isOver(this.#oldest, nowMs)) this.#dropOldest();
  }

  /** Lets all go. */
  clear(): void {
    while (this.#count > 0) this.#dropOldest();
    this.#spare = undefined;
  }

  /** So it is, too, when the clock was set back: nothing is kept for longer than the lifetime. */
  #isOver(place: number, nowMs: number): boolean {
    const restMs = (this.#places.endsAtMs[place] ?? 0) - nowMs;
    return restMs <= 0 || restMs > this.#limits.lifetimeMs;
  }

  #isKey(place: number, key: string): boolean {
    const { keyLengths, starts } = this.#places;
    if (keyLengths[place] !== key.length) return false;
    const start = starts[place] ?? 0;
    return this.#chunkOf(place).toString('latin1', start, start + key.length) === key;
  }

  /** A copy: the bytes here may be written over before the system has sent them. */
  #read(place: number): Buffer {
    const { keyLengths, starts, lengths } = this.#places;
    const start = starts[place] ?? 0;
    return Buffer.from(
      this.#chunkOf(place).subarray(start + (keyLengths[place] ?? 0), start + (lengths[place] ?? 0)),
    );
  }

  #chunkOf(place: number): Buffer {
    const chunk = this.#chunks[(this.#places.chunks[place] ?? 0) - this.#firstChunk];
    if (chunk === undefined) throw new RangeError('an answer without its bytes');
    return chunk;
  }

  /** The chunk that is written to; a new one where the last has no room. One too small for an answer is never made. */
  #chunkFor(length: number): Buffer {
    const last = this.#chunks.at(-1);
    if (last !== undefined && this.#end + length <= last.length) return last;
    const isUsual = length <= chunkBytes;
    const chunk = (isUsual ? this.#spare : undefined) ?? Buffer.allocUnsafeSlow(Math.max(length, chunkBytes));
    if (isUsual) this.#spare = undefined;
    this.#chunks.push(chunk);
    this.#end = 0;
    return chunk;
  }

  #dropOldest(): void {
    const places = this.#places;
    const place = this.#oldest;
    const chunk = places.chunks[place] ?? 0;
    places.unlink(place);
    this.#bytes -= places.lengths[place] ?? 0;
    this.#oldest = (place + 1) & (places.size - 1);
    this.#count -= 1;
    // Answers lie in the chunks in their order: what is before the oldest one's is free.
    const firstUsed = this.#count === 0 ? chunk + 1 : (places.chunks[this.#oldest] ?? chunk);
    while (this.#firstChunk < firstUsed) {
      const free = this.#chunks.shift();
      if (free?.length === chunkBytes) this.#spare = free;
      this.#firstChunk += 1;
    }
  }

  #grow(): void {
    const old = this.#places;
    const grown = new Places(old.size * 2);
    for (let index = 0; index < this.#count; index += 1)
      grown.copy(index, old, (this.#oldest + index) & (old.size - 1));
    this.#places = grown;
    this.#oldest = 0;
  }
}

/** Where the answers are: columns of numbers, used as a ring, and the chains of a hash table through them. */
class Places {
  readonly size: number;
  readonly hashes: Uint32Array;
  readonly chunks: Float64Array;
  readonly starts: Uint32Array;
  readonly keyLengths: Uint32Array;
  /** Of key and answer. */
  readonly lengths: Uint32Array;
  readonly endsAtMs: Float64Array;
  readonly next: Int32Array;
  readonly #previous: Int32Array;
  readonly #first: Int32Array;

  /** @param size a power of two */
  constructor(size: number) {
    this.size = size;
    this.hashes = new Uint32Array(size);
    this.chunks = new Float64Array(size);
    this.starts = new Uint32Array(size);
    this.keyLengths = new Uint32Array(size);
    this.lengths = new Uint32Array(size);
    this.endsAtMs = new Float64Array(size);
    this.next = new Int32Array(size);
    this.#previous = new Int32Array(size);
    this.#first = new Int32Array(size).fill(none);
  }

  /** The youngest whose key may have a hash; the others follow by `next`. */
  firstWith(hash: number): number {
    return this.#first[hash & (this.size - 1)] ?? none;
  }

  link(place: number, hash: number): void {
    const chain = hash & (this.size - 1);
    const next = this.#first[chain] ?? none;
    this.hashes[place] = hash;
    this.next[place] = next;
    this.#previous[place] = none;
    if (next !== none) this.#previous[next] = place;
    this.#first[chain] = place;
  }

  unlink(place: number): void {
    const next = this.next[place] ?? none;
    const previous = this.#previous[place] ?? none;
    if (next !== none) this.#previous[next] = previous;
    if (previous !== none) this.next[previous] = next;
    else this.#first[(this.hashes[place] ?? 0) & (this.size - 1)] = next;
  }

  copy(place: number, from: Places, at: number): void {
    this.chunks[place] = from.chunks[at] ?? 0;
    this.starts[place] = from.starts[at] ?? 0;
    this.keyLengths[place] = from.keyLengths[at] ?? 0;
    this.lengths[place] = from.lengths[at] ?? 0;
    this.endsAtMs[place] = from.endsAtMs[at] ?? 0;
    this.link(place, from.hashes[at] ?? 0);
  }
}
