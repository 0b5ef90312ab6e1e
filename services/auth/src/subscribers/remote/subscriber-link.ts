import type { DigestAlgorithm } from '@rollcall/digest';
import type { ChangedSubscriber } from '../subscriber-store.ts';

/** Who is looked for. Texts are byte strings; an AOR is canonical, a hash in lower-case hexadecimal. */
export type Question =
  | { readonly by: 'name'; readonly domain: string; readonly username: string }
  | {
      readonly by: 'nameHash';
      readonly domain: string;
      readonly algorithm: DigestAlgorithm;
      readonly hash: string;
    }
  | { readonly by: 'aor'; readonly aor: string }
  | { readonly by: 'number'; readonly number: string };

/** What holds for all subscribers of a source. */
export interface SubscriberScope {
  /** In lower case. */
  readonly domains: readonly string[];
  /** Networks (CIDR) by domain from which somebody is accepted without credentials. */
  readonly trustedNetworks: ReadonlyMap<string, readonly string[]>;
}

/** What a link tells by itself. */
export interface LinkEvents {
  /** Who changed; undefined where it may be anyone, as after a time in which nothing could be heard. */
  onChange(subscribers: readonly ChangedSubscriber[] | undefined): void;
  /** Changes are heard of from now on. */
  onUp(): void;
  /** Changes are not heard of, and why. */
  onDown(problem: string): void;
}

/**
 * The way to subscribers that are kept elsewhere. A link is dumb: it asks and passes on. Each question is answered or
 * fails within a second; what is answered is plain data in the form of subscribers.yaml, and may hold more than was
 * asked for.
 */
export interface SubscriberLink {
  /** For logs. */
  readonly kind: 'postgres' | 'webhook';
  /** The answers in the order of the questions, some 64 at most. */
  find(questions: readonly Question[]): Promise<readonly (readonly unknown[])[]>;
  /** True where a longer number than this one begins with it. */
  hasLongerNumber(start: string): Promise<boolean>;
  readScope(): Promise<SubscriberScope>;
  /** How many subscribers there are; undefined where that is not known. */
  count(): Promise<number | undefined>;
  /** Listens for changes until closed, whatever happens to the connection. */
  follow(events: LinkEvents): void;
  close(): Promise<void>;
}
