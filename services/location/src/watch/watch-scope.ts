import { hash } from 'node:crypto';
import type { WatchRegistrationsRequest } from '@rollcall/rpc';
import { readAor, readDomain } from '../canonical-aor.ts';
import { invalidArgument } from '../faults.ts';
import { shardCount, shardIndexOf } from '../store/redis-keys.ts';

/** Most AORs of one watch. */
const maxAors = 1000;

/** What one watch is about. */
export interface WatchScope {
  /** Shards that hold something of it, ascending. */
  readonly shards: readonly number[];
  /** The AORs of a shard where they are named; undefined where it is a whole domain. */
  aorsOf(shard: number): readonly string[] | undefined;
  /** What the AORs end in, where it is a domain. */
  readonly suffix: string;
  wants(aor: string): boolean;
  /** The same for the same scope, whatever the order of its AORs. */
  readonly name: string;
}

/**
 * Reads what is to be watched.
 *
 * @throws ServiceFault WATCH_SCOPE_INVALID, TOO_MANY_AORS, AOR_INVALID or DOMAIN_INVALID
 */
export function readScope({ aors, domain }: WatchRegistrationsRequest): WatchScope {
  if ((aors.length === 0) === (domain === '')) {
    throw invalidArgument('WATCH_SCOPE_INVALID', 'a watch names aors or a domain, one of both');
  }
  if (aors.length > maxAors) {
    throw invalidArgument('TOO_MANY_AORS', `a watch names ${maxAors} AORs at most`);
  }
  return domain === '' ? scopeOfAors(aors.map(readAor)) : scopeOfDomain(readDomain(domain));
}

function scopeOfDomain(domain: string): WatchScope {
  const suffix = `@${domain}`;
  return {
    shards: Array.from({ length: shardCount }, (_, shard) => shard),
    aorsOf: () => undefined,
    suffix,
    wants: (aor) => aor.endsWith(suffix),
    name: nameOf(suffix),
  };
}

function scopeOfAors(aors: readonly string[]): WatchScope {
  const wanted = new Set(aors);
  const byShard = Map.groupBy(wanted, shardIndexOf);
  return {
    shards: [...byShard.keys()].sort((a, b) => a - b),
    aorsOf: (shard) => byShard.get(shard) ?? [],
    suffix: '',
    wants: (aor) => wanted.has(aor),
    name: nameOf([...wanted].sort().join('\n')),
  };
}

function nameOf(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 11);
}
