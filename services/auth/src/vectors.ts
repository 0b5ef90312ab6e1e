import { hash, randomBytes } from 'node:crypto';
import { type DigestAlgorithm, hashUsername, readAlgorithm, type StoredHa1 } from '@rollcall/digest';
import type { GetVectorRequest, Vector } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { AuthMetrics } from './metrics.ts';
import type { ServedDomains } from './served-domains.ts';
import {
  isTrustedByNetwork,
  makeSubscriber,
  mayRegister,
  ownAor,
  type Subscriber,
  userOf,
} from './subscribers/subscriber.ts';
import type { SubscriberStore } from './subscribers/subscriber-store.ts';

/** What vectors are made from. */
export interface VectorParts {
  readonly store: SubscriberStore;
  readonly domains: ServedDomains;
  /** Hash functions of the algorithms offered; every vector has HA1 for each. */
  readonly algorithms: readonly DigestAlgorithm[];
  /** Makes the HA1 of users that do not exist: secret, and the same on every replica. */
  readonly decoySecret: Uint8Array;
  readonly lifetimeSec: number;
  readonly clock: Clock;
  readonly metrics: AuthMetrics;
}

/** A vector, and whether it is a real one; only the vector leaves this service. */
export interface FoundVector {
  readonly vector: Vector;
  readonly known: boolean;
}

interface Found {
  readonly subscriber: Subscriber;
  readonly ha1: readonly StoredHa1[];
}

/**
 * Subscribers of nobody, so many that they are no nearer in the processor's caches than real ones: to read what was just
 * made takes some microseconds less than to read what lay in memory.
 */
const standIns = 1024;

/** Finds authentication vectors; makes up useless ones for users that do not exist. */
export class Vectors {
  readonly #parts: VectorParts;
  readonly #decoySecret: string;
  readonly #standIns: readonly Subscriber[];

  constructor(parts: VectorParts) {
    this.#parts = parts;
    this.#decoySecret = Buffer.from(parts.decoySecret).toString('base64');
    this.#standIns = makeStandIns(parts.algorithms);
  }

  /** The vector that a request asks for. Unknown users cost the same work, and get the same shape. */
  async find(request: GetVectorRequest): Promise<FoundVector> {
    const { realm } = request;
    const name = request.username === '' ? request.aor : request.username;
    // Made for known users too, so that neither the time (parsing an AOR takes a microsecond, which can be measured) nor a
    // missing algorithm tells them apart.
    const decoy = this.#makeDecoy(realm, name);
    const decoyAors = this.#makeDecoyAors(realm, request.username, request.aor);
    const found = this.#parts.domains.has(realm) ? await this.#ask(request) : undefined;
    // Read as real ones are, and not told: what goes out is made up.
    const read = found ?? this.#standIn(name);
    const ha1 = decoy.map((made) => read.ha1.find(({ algorithm }) => algorithm === made.algorithm) ?? made);
    const vector = this.#toVector(ha1, read.subscriber, request);
    const known = found !== undefined;
    return {
      vector: { ...vector, ha1: known ? ha1 : decoy, aors: known ? vector.aors : decoyAors },
      known,
    };
  }

  #standIn(name: string): Found {
    let sum = 0;
    for (let at = 0; at < name.length; at += 1) sum = Math.imul(sum, 31) + name.charCodeAt(at);
    const subscriber = this.#standIns[(sum >>> 0) % standIns] as Subscriber;
    return { subscriber, ha1: subscriber.credentials.get(subscriber.username) ?? [] };
  }

  /** Asks the source of subscribers, and keeps the time. */
  async #ask(request: GetVectorRequest): Promise<Found | undefined> {
    const { clock, metrics } = this.#parts;
    const startedAtMs = clock.nowMs();
    let outcome: 'success' | 'error' = 'error';
    try {
      const found = await this.#findSubscriber(request);
      outcome = 'success';
      return found;
    } finally {
      metrics.backendSeconds('subscribers', outcome, (clock.nowMs() - startedAtMs) / 1000);
    }
  }

  async #findSubscriber(request: GetVectorRequest): Promise<Found | undefined> {
    const { realm, username, aor } = request;
    const { store } = this.#parts;
    if (username === '') {
      const subscriber = await store.findByAor(aor);
      // By AOR alone only those are found that need no credentials.
      return subscriber !== undefined && isTrustedByNetwork(subscriber) ? { subscriber, ha1: [] } : undefined;
    }
    if (request.userhash) {
      const algorithm = readAlgorithm(request.algorithm)?.algorithm;
      return algorithm === undefined ? undefined : this.#findByHash(realm, algorithm, username.toLowerCase());
    }
    const subscriber = await store.findByName(realm, username);
    const ha1 = subscriber?.credentials.get(username);
    return subscriber === undefined || ha1 === undefined ? undefined : { subscriber, ha1 };
  }

  async #findByHash(realm: string, algorithm: DigestAlgorithm, hash: string): Promise<Found | undefined> {
    const subscriber = await this.#parts.store.findByNameHash(realm, algorithm, hash);
    if (subscriber === undefined) return undefined;
    for (const [name, ha1] of subscriber.credentials) {
      if (hashUsername(algorithm, name, realm) === hash) return { subscriber, ha1 };
    }
    return undefined;
  }

  #makeDecoy(realm: string, name: string): StoredHa1[] {
    return this.#parts.algorithms.map((algorithm) => {
      // The secret on both sides: nothing can be appended. One hash costs a quarter of createHmac, on every first registration.
      const text = `${this.#decoySecret}\n${algorithm}\n${realm}\n${name}\n${this.#decoySecret}`;
      const made = hash('sha256', text);
      return { algorithm, hash: algorithm === 'MD5' ? made.slice(0, 32) : made };
    });
  }

  #toVector(ha1: StoredHa1[], subscriber: Subscriber, { username, userhash }: GetVectorRequest): Vector {
    const { lifetimeSec } = this.#parts;
    // Invalidations say plain names: what was asked for in another way is not to be kept.
    const kept = username !== '' && !userhash;
    // Whoever may register nothing is told so (403) once it has proved who it is, and nobody else is.
    const mayBind = mayRegister(subscriber);
    return {
      ha1,
      aors: mayBind ? [...subscriber.aors] : [],
      numbers: mayBind ? [...subscriber.numbers] : [],
      networks: [...subscriber.networks],
      lifetimeMs: kept ? lifetimeSec * 1000 : 0,
      // Where there is no AOR, no AOR's record can note that a nonce was used.
      sharedNonces: !mayBind || subscriber.aors.length > 1,
      networkSuffices: isTrustedByNetwork(subscriber),
    };
  }

  #makeDecoyAors(realm: string, username: string, aor: string): string[] {
    if (username === '') return [aor];
    return this.#parts.domains.has(realm) ? [ownAor(userOf(username, realm), realm)] : [];
  }
}

function makeStandIns(algorithms: readonly DigestAlgorithm[]): readonly Subscriber[] {
  return Array.from({ length: standIns }, (_, index) => {
    const password = randomBytes(16).toString('hex');
    return makeSubscriber({ username: String(index), domain: 'nobody.invalid', password }, algorithms);
  });
}
