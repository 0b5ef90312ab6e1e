import type { DigestAlgorithm } from '@rollcall/digest';
import type { Subscriber } from './subscriber.ts';

/** Names of a subscriber whose vectors are no longer true. */
export interface ChangedSubscriber {
  readonly realm: string;
  readonly username: string;
}

/** What happened to a store. */
export interface SubscriberChange {
  /** Who changed, under each name; may be nobody (then only domains or networks did). Undefined: it may be anyone. */
  readonly subscribers: readonly ChangedSubscriber[] | undefined;
}

/**
 * Where subscribers come from: a file, a list, a database or a webhook. What it answers is true at the time; a
 * change is told to listeners within a second. A look-up rejects only where the source does not answer.
 */
export interface SubscriberStore {
  /** For logs and metrics: "file", "list", … */
  readonly kind: string;
  /** Finds by the user name as sent in credentials. */
  findByName(realm: string, username: string): Promise<Subscriber | undefined>;
  /** Finds by H(username:realm) in lower-case hexadecimal (RFC 7616 §3.4.4). */
  findByNameHash(realm: string, algorithm: DigestAlgorithm, hash: string): Promise<Subscriber | undefined>;
  /** Finds by canonical AOR: whose own it is, else who may register it. */
  findByAor(aor: string): Promise<Subscriber | undefined>;
  /** Finds by E.164 number with "+". */
  findByNumber(number: string): Promise<Subscriber | undefined>;
  /** True where a longer number than this one begins with it. */
  hasLongerNumber(start: string): Promise<boolean>;
  /** Domains of the subscribers, in lower case. */
  domains(): readonly string[];
  /** Networks (CIDR) from which some subscriber of the domain is accepted without credentials. */
  trustedNetworks(domain: string): readonly string[];
  /** How many subscribers there are; undefined where that is not known. */
  count(): number | undefined;
  onChange(listen: (change: SubscriberChange) => void): void;
  /** Undefined while the source answers, else what is wrong. */
  check(): string | undefined;
  close(): Promise<void>;
}
