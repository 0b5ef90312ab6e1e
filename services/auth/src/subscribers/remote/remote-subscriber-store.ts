import type { DigestAlgorithm } from '@rollcall/digest';
import type { Clock, Logger, Timer } from '@rollcall/runtime';
import { subscribersUnavailable } from '../../faults.ts';
import { makeSubscriber, type Subscriber } from '../subscriber.ts';
import { readSubscriber } from '../subscriber-schema.ts';
import type { ChangedSubscriber, SubscriberChange, SubscriberStore } from '../subscriber-store.ts';
import { QuestionBatches } from './question-batches.ts';
import type { Question, SubscriberLink, SubscriberScope } from './subscriber-link.ts';

/** What a remote store needs. */
export interface RemoteStoreOptions {
  /** HA1 of subscribers with a password is computed for these. */
  readonly algorithms: readonly DigestAlgorithm[];
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Changes come in rows; domains and networks are read once for those of one moment. */
const settleMs = 200;

/** How soon what could not be read is read again. */
const retryMs = 1000;

/** How often is looked for what nobody told of, and counted. */
const refreshMs = 60_000;

/** Rows that cannot be read are logged no more often: phones come again and again. */
const remarkEveryMs = 10_000;

const nothing: SubscriberScope = { domains: [], trustedNetworks: new Map() };

/**
 * Subscribers that are kept elsewhere and asked for one by one, over whichever link. Nothing is remembered of them here:
 * registrars keep vectors, and are told of changes.
 */
export class RemoteSubscriberStore implements SubscriberStore {
  readonly kind: string;
  readonly #link: SubscriberLink;
  readonly #options: RemoteStoreOptions;
  readonly #batches: QuestionBatches;
  readonly #listeners: ((change: SubscriberChange) => void)[] = [];
  #scope: SubscriberScope = nothing;
  #count: number | undefined;
  #linkProblem: string | undefined = 'not connected yet';
  #scopeProblem: string | undefined = 'not read yet';
  #timer: Timer | undefined;
  #refreshing: Promise<void> | undefined;
  /** True from a change until domains and networks are read again. */
  #stale = false;
  #countedAtMs = 0;
  #remarkedAtMs = 0;
  /** What was read last, which is read again in place of what is not there. */
  #example: unknown;
  #closed = false;

  private constructor(link: SubscriberLink, options: RemoteStoreOptions) {
    this.kind = link.kind;
    this.#link = link;
    this.#options = options;
    this.#batches = new QuestionBatches(link, () => options.clock.nowMs());
  }

  /**
   * Connects. Where the source does not answer yet, the store is there all the same: it says so by `check`, fails what it
   * is asked, and goes on trying.
   */
  static async open(link: SubscriberLink, options: RemoteStoreOptions): Promise<RemoteSubscriberStore> {
    const store = new RemoteSubscriberStore(link, options);
    link.follow({
      onChange: (subscribers) => store.#onChange(subscribers),
      onUp: () => store.#onUp(),
      onDown: (problem) => store.#onDown(problem),
    });
    await store.#refresh();
    return store;
  }

  async findByName(realm: string, username: string): Promise<Subscriber | undefined> {
    const found = await this.#find({ by: 'name', domain: realm, username });
    return found.find(({ domain, credentials }) => domain === realm && credentials.has(username));
  }

  async findByNameHash(
    realm: string,
    algorithm: DigestAlgorithm,
    hash: string,
  ): Promise<Subscriber | undefined> {
    const found = await this.#find({ by: 'nameHash', domain: realm, algorithm, hash });
    return found.find(({ domain }) => domain === realm);
  }

  async findByAor(aor: string): Promise<Subscriber | undefined> {
    const found = await this.#find({ by: 'aor', aor });
    return found.find(({ aors }) => aors[0] === aor) ?? found.find(({ aors }) => aors.includes(aor));
  }

  async findByNumber(number: string): Promise<Subscriber | undefined> {
    const found = await this.#find({ by: 'number', number });
    return found.find(({ numbers }) => numbers.includes(number));
  }

  async hasLongerNumber(start: string): Promise<boolean> {
    try {
      return await this.#link.hasLongerNumber(start);
    } catch (error) {
      throw subscribersUnavailable(this.kind, textOf(error), error);
    }
  }

  domains(): readonly string[] {
    return this.#scope.domains;
  }

  trustedNetworks(domain: string): readonly string[] {
    return this.#scope.trustedNetworks.get(domain) ?? [];
  }

  count(): number | undefined {
    return this.#count;
  }

  onChange(listen: (change: SubscriberChange) => void): void {
    this.#listeners.push(listen);
  }

  check(): string | undefined {
    return this.#linkProblem ?? this.#scopeProblem;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#link.close();
    await this.#refreshing;
  }

  async #find(question: Question): Promise<Subscriber[]> {
    const data = await this.#batches.ask(question);
    if (data.length > 0) {
      this.#example = data[0];
      return data.map((each) => this.#read(each));
    }
    // The same work for who is not there: reading takes microseconds that could be measured.
    if (this.#example !== undefined) this.#read(this.#example);
    return [];
  }

  /** @throws ServiceFault where it is no subscriber: nobody is told that a password is wrong because a row is */
  #read(data: unknown): Subscriber {
    const read = readSubscriber(data);
    if ('entry' in read) return makeSubscriber(read.entry, this.#options.algorithms);
    const problem = read.problems
      .map(({ path, problem: text }) => [...path.map(String), text].join(' '))
      .join('; ');
    const { clock, logger } = this.#options;
    if (clock.nowMs() - this.#remarkedAtMs >= remarkEveryMs) {
      this.#remarkedAtMs = clock.nowMs();
      logger.error({ source: this.kind, ...nameOf(data), problem }, 'a subscriber cannot be used');
    }
    throw subscribersUnavailable(this.kind, `a subscriber cannot be used: ${problem}`);
  }

  #onChange(subscribers: readonly ChangedSubscriber[] | undefined): void {
    this.#tell({ subscribers });
    // Not put off by the next: changes may never cease.
    if (this.#stale) return;
    this.#stale = true;
    this.#refreshIn(settleMs);
  }

  #onUp(): void {
    if (this.#linkProblem !== undefined)
      this.#options.logger.info({ source: this.kind }, 'changes of subscribers are heard of');
    this.#linkProblem = undefined;
  }

  #onDown(problem: string): void {
    if (this.#closed) return;
    if (this.#linkProblem !== problem) {
      this.#options.logger.warn(
        { source: this.kind, problem },
        'changes of subscribers are not heard of; trying again',
      );
    }
    this.#linkProblem = problem;
  }

  #refreshIn(delayMs: number): void {
    if (this.#closed) return;
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(delayMs, () => void this.#refresh());
  }

  /** Reads domains and networks, and tells where they changed. One at a time; the next is due afterwards. */
  #refresh(): Promise<void> {
    this.#refreshing ??= this.#readScope().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #readScope(): Promise<void> {
    const { logger } = this.#options;
    this.#stale = false;
    try {
      const scope = await this.#link.readScope();
      const count = await this.#readCount();
      if (this.#scopeProblem !== undefined) {
        logger.info(
          { source: this.kind, domains: scope.domains, subscribers: count },
          'subscribers can be read',
        );
      }
      this.#scopeProblem = undefined;
      const changed = fingerprint(scope) !== fingerprint(this.#scope) || count !== this.#count;
      this.#scope = scope;
      this.#count = count;
      if (changed) this.#tell({ subscribers: [] });
      this.#refreshIn(this.#stale ? settleMs : refreshMs);
    } catch (error) {
      const problem = textOf(error);
      if (this.#scopeProblem !== problem && !this.#closed) {
        logger.warn({ source: this.kind, problem }, 'subscribers cannot be read; trying again');
      }
      this.#scopeProblem = problem;
      this.#refreshIn(retryMs);
    }
  }

  /** Counting a million rows takes a database a while: not after each change. */
  async #readCount(): Promise<number | undefined> {
    const nowMs = this.#options.clock.nowMs();
    if (nowMs - this.#countedAtMs < refreshMs) return this.#count;
    const count = await this.#link.count();
    this.#countedAtMs = nowMs;
    return count;
  }

  #tell(change: SubscriberChange): void {
    if (this.#closed) return;
    for (const listen of this.#listeners) listen(change);
  }
}

function fingerprint({ domains, trustedNetworks }: SubscriberScope): string {
  return JSON.stringify([domains, [...trustedNetworks]]);
}

/** Who a row is about, for the log. */
function nameOf(data: unknown): { username?: unknown; domain?: unknown } {
  if (typeof data !== 'object' || data === null) return {};
  const { username, domain } = data as { username?: unknown; domain?: unknown };
  return { username, domain };
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
