/**
 * Shards of the binding table. Fixed for ever: the shard is part of every key. Each has one expiry index and one log of
 * changes, and a Redis Cluster spreads them over its nodes.
 */
export const shardCount = 64;

/** The keys of one shard that are not records. */
export interface ShardKeys {
  /** What precedes an AOR in the key of its record. */
  readonly recordPrefix: string;
  /** Sorted set: AOR by the instant of its next expiry in milliseconds since 1970. */
  readonly expiries: string;
  /** Stream of changes. */
  readonly changes: string;
  /** Hash: AOR by its bindings beyond the first; the field without a name is their sum. */
  readonly extras: string;
  /** Which process sweeps the shard. */
  readonly sweeper: string;
}

/**
 * The keys of one store. They carry the shard as their hash tag, so that one script may touch all of a shard. The tag
 * comes first, after a prefix that has no braces: those in an AOR, or anything else there, are only the rest of a name.
 */
export class RedisKeys {
  readonly shards: readonly ShardKeys[];
  /** Holds the secret that all processes share. */
  readonly secret: string;

  /** @param prefix precedes every key; without braces */
  constructor(prefix: string) {
    this.shards = Array.from({ length: shardCount }, (_, shard) => ({
      recordPrefix: `${prefix}rc:{${shard}}:b:`,
      expiries: `${prefix}rc:{${shard}}:exp`,
      changes: `${prefix}rc:{${shard}}:chg`,
      extras: `${prefix}rc:{${shard}}:ext`,
      sweeper: `${prefix}rc:{${shard}}:swp`,
    }));
    this.secret = `${prefix}rc:{0}:key`;
  }

  /** Those of an AOR's shard. */
  of(aor: string): ShardKeys {
    return this.shard(shardIndexOf(aor));
  }

  /** Those of a shard, 0 to 63. */
  shard(index: number): ShardKeys {
    return this.shards[index] as ShardKeys;
  }
}

/** The shard of an AOR, 0 to 63: FNV-1a, the same in every version and language. */
export function shardIndexOf(aor: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < aor.length; at += 1) {
    hash = Math.imul(hash ^ aor.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % shardCount;
}
