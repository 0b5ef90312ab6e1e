/** A registrar under test while it runs. */
export interface RunningTarget {
  /** SIP over UDP and TCP. */
  readonly sip: { readonly host: string; readonly port: number };
  /** "host:port" of Rollcall's public gRPC API; undefined for others. */
  readonly locationApi: string | undefined;
  /** The Redis that keeps its bindings; undefined where they are in memory. */
  readonly redisUrl: string | undefined;
  /** Roots of its process trees by name, Redis included: what is accounted for. */
  processes(): ReadonlyMap<string, number>;
  /** AORs with a binding, counted by the target itself or in its Redis. */
  storedAors(): Promise<number>;
  /** Stops it and starts it again as it was; bindings in Redis survive. */
  restart(): Promise<void>;
  /** Starts it again with an empty table; undefined where nothing needs it. */
  readonly startEmpty: (() => Promise<void>) | undefined;
  stop(): Promise<void>;
}

/** What a target is started with. */
export interface TargetSetup {
  /** Users that may register. */
  readonly users: number;
  /** A folder of its own for whatever it needs. */
  readonly folder: string;
}

/** A registrar that can be measured. */
export interface Target {
  /** As in the tables. */
  readonly name: string;
  /** True for the peers that ratios are taken against. */
  readonly peer: boolean;
  start(setup: TargetSetup): Promise<RunningTarget>;
}
