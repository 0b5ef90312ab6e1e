import { parseRedisTarget, type RedisTarget, redisTargetForms } from '@rollcall/redis';

/** Where records are kept, as LOCATION_STORE says it. */
export type StoreTarget = MemoryTarget | RedisTarget;

/** In this process's memory. */
export interface MemoryTarget {
  readonly kind: 'memory';
  readonly maxAors: number;
}

/** What LOCATION_STORE may be. */
export const storeTargetForms = `memory: (or memory:?max-aors=NUMBER), ${redisTargetForms}`;

const defaultMaxAors = 1_000_000;

/** Reads LOCATION_STORE; undefined where it is none of the allowed forms. */
export function parseStoreTarget(text: string): StoreTarget | undefined {
  return text.startsWith('memory:') ? parseMemory(text.slice('memory:'.length)) : parseRedisTarget(text);
}

function parseMemory(rest: string): MemoryTarget | undefined {
  if (rest === '') return { kind: 'memory', maxAors: defaultMaxAors };
  const maxAors = /^\?max-aors=([1-9]\d{0,8})$/.exec(rest)?.[1];
  return maxAors === undefined ? undefined : { kind: 'memory', maxAors: Number(maxAors) };
}
