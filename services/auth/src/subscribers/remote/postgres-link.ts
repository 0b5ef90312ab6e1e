import type { Clock } from '@rollcall/runtime';
import { decodeUtf8, encodeUtf8, parseUri, unescapeUri } from '@rollcall/sip';
import { Client, Pool, type PoolConfig, type QueryResultRow } from 'pg';
import { readNetwork } from '../../networks.ts';
import { formsOfName } from '../subscriber.ts';
import { PostgresChanges } from './postgres-changes.ts';
import * as queries from './postgres-queries.ts';
import type { LinkEvents, Question, SubscriberLink, SubscriberScope } from './subscriber-link.ts';

/** As many batches as are under way at once, and what asks for numbers and domains. */
const maxConnections = 10;

/** For how long a phone may wait for a row. */
const queryTimeoutMs = 500;

/** For how long a connection may take to come about. */
const connectTimeoutMs = 500;

/** What nobody waits for: to count a million rows takes some tenths of a second. */
const slowQueryTimeoutMs = 10_000;

/** Where a database is and how it is entered. */
export interface PostgresLinkOptions {
  /** postgres://user@host/database?sslmode=verify-full … */
  readonly url: string;
  /** Empty where the URL has one, or none is needed. */
  readonly password: string;
  readonly clock: Clock;
}

/** Subscribers in tables or views of PostgreSQL: deploy/postgres/subscribers.sql makes them. */
export class PostgresLink implements SubscriberLink {
  readonly kind = 'postgres';
  readonly #connection: PoolConfig;
  readonly #clock: Clock;
  readonly #pool: Pool;
  #changes: PostgresChanges | undefined;

  /** @throws Error of the file system where the URL names a file that cannot be read */
  constructor({ url, password, clock }: PostgresLinkOptions) {
    this.#clock = clock;
    this.#connection = {
      connectionString: withPassword(url, password),
      application_name: 'rollcall-auth',
      connectionTimeoutMillis: connectTimeoutMs,
      statement_timeout: slowQueryTimeoutMs,
      keepAlive: true,
    };
    // Makes no connection, but reads the files: now somebody is there to hear of it.
    new Client(this.#connection);
    this.#pool = new Pool({ ...this.#connection, max: maxConnections, idleTimeoutMillis: 60_000 });
    // An idle connection that ends is replaced by the next question, which has a deadline of its own.
    this.#pool.on('error', () => {});
  }

  async find(questions: readonly Question[]): Promise<readonly (readonly unknown[])[]> {
    const answers: unknown[][] = questions.map(() => []);
    const others = questions.map(async (question, index) => {
      if (question.by !== 'name') answers[index] = await this.#findOne(question);
    });
    await Promise.all([this.#findNames(questions, answers), ...others]);
    return answers;
  }

  async hasLongerNumber(start: string): Promise<boolean> {
    const [row] = await this.#ask<{ exists: boolean }>(queries.hasLongerNumber, [start]);
    return row?.exists === true;
  }

  async readScope(): Promise<SubscriberScope> {
    const domains = await this.#ask<{ domain: string }>(queries.readDomains, []);
    const rows = await this.#ask<{ domain: string; network: string }>(queries.readTrustedNetworks, []);
    const trustedNetworks = new Map<string, string[]>();
    for (const { domain, network } of rows) {
      const known = trustedNetworks.get(domain.toLowerCase()) ?? [];
      const read = readNetwork(network);
      if (read !== undefined) trustedNetworks.set(domain.toLowerCase(), [...known, read]);
    }
    return { domains: [...new Set(domains.map(({ domain }) => domain.toLowerCase()))], trustedNetworks };
  }

  async count(): Promise<number | undefined> {
    const [row] = await this.#ask<{ count: number }>(queries.countSubscribers, [], slowQueryTimeoutMs);
    return row?.count;
  }

  follow(events: LinkEvents): void {
    this.#changes = new PostgresChanges(this.#connection, this.#clock, events);
  }

  async close(): Promise<void> {
    await this.#changes?.close();
    await this.#pool.end();
  }

  /** All names by one query. A name is known as it stands, or as the user whose password makes HA1 for both its forms. */
  async #findNames(questions: readonly Question[], answers: unknown[][]): Promise<void> {
    const domains: string[] = [];
    const usernames: string[] = [];
    const askedBy: number[] = [];
    for (const [index, question] of questions.entries()) {
      if (question.by !== 'name' || !isText(question.username)) continue;
      for (const username of formsOfName(question.username, question.domain)) {
        domains.push(question.domain);
        usernames.push(decodeUtf8(username));
        askedBy.push(index);
      }
    }
    if (usernames.length === 0) return;
    for (const row of await this.#ask<queries.FoundRow>(queries.findByNames, [domains, usernames])) {
      answers[askedBy[row.at - 1] ?? -1]?.push(dataOf(row));
    }
  }

  async #findOne(question: Question): Promise<unknown[]> {
    const [query, values] = queryFor(question);
    if (query === undefined) return [];
    return (await this.#ask<queries.SubscriberRow>(query, values)).map(dataOf);
  }

  async #ask<Row extends QueryResultRow>(
    query: queries.Query,
    values: readonly unknown[],
    timeoutMs = queryTimeoutMs,
  ): Promise<Row[]> {
    const { rows } = await this.#pool.query<Row>({
      ...{ ...query, values: [...values], query_timeout: timeoutMs },
    });
    return rows;
  }
}

/** The address with a password, unless it has one: what an address says is all that the driver looks at. */
function withPassword(url: string, password: string): string {
  if (password === '') return url;
  const [, scheme = '', user = '', given, rest = ''] =
    /^([a-z]+:\/\/)(?:([^@/?:]*)(:[^@/?]*)?@)?(.*)$/.exec(url) ?? [];
  return `${scheme}${user}${given ?? `:${encodeURIComponent(password)}`}@${rest}`;
}

function queryFor(
  question: Question,
): readonly [query: queries.Query | undefined, values: readonly unknown[]] {
  switch (question.by) {
    case 'number':
      return [queries.findByNumber, [question.number]];
    case 'nameHash':
      return [queries.findByNameHash, [question.algorithm, question.domain, question.hash]];
    case 'aor': {
      const uri = parseUri(question.aor);
      if (uri.kind !== 'sip' || uri.user === undefined) return [undefined, []];
      const user = unescapeUri(uri.user);
      if (!isText(user)) return [undefined, []];
      const usernames = formsOfName(user, uri.host).map(decodeUtf8);
      return [queries.findByAor, [decodeUtf8(question.aor), uri.host, usernames]];
    }
    default:
      return [undefined, []];
  }
}

/** True for what PostgreSQL can hold: UTF-8 without a zero byte. */
function isText(bytes: string): boolean {
  return !bytes.includes('\0') && encodeUtf8(decodeUtf8(bytes)) === bytes;
}

/** A row in the form of subscribers.yaml. */
function dataOf(row: queries.SubscriberRow): unknown {
  const { username, domain, numbers, aors } = row;
  const optional = {
    password: row.password,
    ha1: row.ha1,
    networks: row.networks,
    watchers: row.watchers,
    state: row.state,
    movedTo: row.moved_to,
  };
  const given = Object.entries(optional).filter(([, value]) => value !== null);
  return { username, domain, numbers, aors, ...Object.fromEntries(given) };
}
