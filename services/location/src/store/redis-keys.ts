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
 * Keys carry the shard as their hash tag, so that one script may touch all of a shard. The tag comes first: braces or
 * anything else in an AOR are only the rest of a name.
 */
export const shards: readonly ShardKeys[] = Array.from({ length: shardCount }, (_, shard) => ({
  recordPrefix: `rc:{${shard}}:b:`,
  expiries: `rc:{${shard}}:exp`,
  changes: `rc:{${shard}}:chg`,
  extras: `rc:{${shard}}:ext`,
  sweeper: `rc:{${shard}}:swp`,
}));

/** Holds the secret that all processes share. */
export const secretKey = 'rc:{0}:key';

/** The keys of an AOR's shard. */
export function shardOf(aor: string): ShardKeys {
  return keysOf(shardIndexOf(aor));
}

/** The keys of a shard, 0 to 63. */
export function keysOf(shard: number): ShardKeys {
  return shards[shard] as ShardKeys;
}

/** The shard of an AOR, 0 to 63: FNV-1a, the same in every version and language. */
export function shardIndexOf(aor: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < aor.length; at += 1) {
    hash = Math.imul(hash ^ aor.charCodeAt(at), 0x01000193);
  }
  return (hash >>> 0) % shardCount;
}
