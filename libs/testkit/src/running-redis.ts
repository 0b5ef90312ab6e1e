/** A Redis for tests. */
export interface RunningRedis {
  /** For clients: redis://host:port[/database]. */
  readonly url: string;
  /** How another server that was started here reaches it, to be its replica. */
  readonly peer: { readonly host: string; readonly port: number };
  /** Where it came from, in words. */
  readonly how: string;
  /** Ends it, with all it holds. */
  stop(): Promise<void>;
  /** Kills it as a crash would. Not for a server that was given by REDIS_URL. */
  kill(): Promise<void>;
  /** Starts it again after a kill: same address, and with `durable` the same data. */
  restart(): Promise<void>;
}
