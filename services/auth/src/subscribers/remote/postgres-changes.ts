import type { Clock, Timer } from '@rollcall/runtime';
import { Client, type ClientConfig } from 'pg';
import { z } from 'zod';
import type { ChangedSubscriber } from '../subscriber-store.ts';
import { namesOfSubscriber } from './changed-names.ts';
import { changesChannel } from './postgres-queries.ts';
import type { LinkEvents } from './subscriber-link.ts';

/** A connection that has died in silence is noticed so: changes are promised within a second. */
const beatIntervalMs = 500;
const beatTimeoutMs = 500;

/** After a loss, growing with each attempt. */
const firstRetryMs = 100;
const lastRetryMs = 2000;

/** What a trigger says of one subscriber; anything else, also nothing, means that it may be anyone. */
const changeSchema = z.object({ domain: z.string().min(1), username: z.string().min(1) });

/** Listens to PostgreSQL's NOTIFY, on a connection of its own. */
export class PostgresChanges {
  readonly #config: ClientConfig;
  readonly #clock: Clock;
  readonly #events: LinkEvents;
  #client: Client | undefined;
  #timer: Timer | undefined;
  #retryMs = firstRetryMs;
  #closed = false;

  constructor(config: ClientConfig, clock: Clock, events: LinkEvents) {
    this.#config = { ...config, query_timeout: beatTimeoutMs };
    this.#clock = clock;
    this.#events = events;
    void this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = this.#newClient();
    if (client === undefined) return;
    this.#client = client;
    client.on('error', (error) => this.#onLoss(client, error.message));
    client.on('end', () => this.#onLoss(client, 'the connection was closed'));
    client.on('notification', ({ payload }) => this.#onNotification(payload));
    try {
      await client.connect();
      await client.query(`LISTEN ${changesChannel}`);
    } catch (error) {
      this.#onLoss(client, error instanceof Error ? error.message : String(error));
      return;
    }
    if (this.#client !== client || this.#closed) return;
    this.#retryMs = firstRetryMs;
    this.#events.onUp();
    // What changed until now was told to nobody.
    this.#events.onChange(undefined);
    this.#beatLater(client);
  }

  /** A client, which reads the files that its address names; undefined where they cannot be read now. */
  #newClient(): Client | undefined {
    try {
      return new Client(this.#config);
    } catch (error) {
      this.#events.onDown(error instanceof Error ? error.message : String(error));
      this.#retryLater();
      return undefined;
    }
  }

  #beatLater(client: Client): void {
    this.#timer = this.#clock.after(beatIntervalMs, () => {
      client.query('SELECT 1').then(
        () => {
          if (this.#client === client && !this.#closed) this.#beatLater(client);
        },
        (error: Error) => this.#onLoss(client, error.message),
      );
    });
  }

  #onLoss(client: Client, problem: string): void {
    if (this.#client !== client || this.#closed) return;
    this.#client = undefined;
    this.#timer?.cancel();
    // It is of no use any more, whether it ends in good order or not.
    client.end().catch(() => {});
    this.#events.onDown(problem);
    this.#retryLater();
  }

  #retryLater(): void {
    this.#timer = this.#clock.after(this.#retryMs, () => void this.#connect());
    this.#retryMs = Math.min(this.#retryMs * 2, lastRetryMs);
  }

  #onNotification(payload: string | undefined): void {
    this.#events.onChange(readChange(payload));
  }
}

/** Every name under which the subscriber may have a vector. */
function readChange(payload: string | undefined): readonly ChangedSubscriber[] | undefined {
  if (payload === undefined || payload === '') return undefined;
  let data: unknown;
  try {
    data = JSON.parse(payload);
  } catch {
    return undefined;
  }
  const read = changeSchema.safeParse(data);
  return read.success ? namesOfSubscriber(read.data.username, read.data.domain) : undefined;
}
