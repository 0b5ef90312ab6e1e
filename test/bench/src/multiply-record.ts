import type { Redis } from 'ioredis';
import { domain, userOf } from './fleet.ts';

/** Shards of the binding table (docs/architecture.md). */
const shardCount = 64;
/** Records made by one script: a few milliseconds of Redis. */
const together = 2000;

/** Copies a record to AORs of the same length: wherever it says the one user, the copy says the other. */
const copyScript = `
local template, score, from = ARGV[1], ARGV[2], ARGV[3]
for i = 4, #ARGV do
  local aor = 'sip:' .. ARGV[i] .. ARGV[#ARGV]
  if i < #ARGV then
    redis.call('SET', KEYS[1] .. aor, (string.gsub(template, from, ARGV[i])), 'PXAT', score)
    redis.call('ZADD', KEYS[2], score, aor)
  end
end
`;

/**
 * Makes the record of the fleet's first phone, as location has written it, those of all others up to `count`, within Redis:
 * a million in seconds, where by location itself they take many minutes.
 */
export async function multiplyRecord(redis: Redis, count: number): Promise<void> {
  const [first] = [userOf(0)];
  const own = keysOf(first);
  const value = await redis.getBuffer(own.record);
  const score = await redis.zscore(own.expiries, aorOf(first));
  if (value === null || score === null) throw new Error('the first phone is not bound');
  const users = Map.groupBy(
    Array.from({ length: count }, (_, index) => userOf(index)),
    shardOf,
  );
  for (const [shard, members] of users) {
    const keys = [`rc:{${shard}}:b:`, `rc:{${shard}}:exp`];
    for (let at = 0; at < members.length; at += together) {
      const some = members.slice(at, at + together);
      await redis.eval(copyScript, 2, ...keys, value, score, first, ...some, `@${domain}`);
    }
  }
}

function aorOf(user: string): string {
  return `sip:${user}@${domain}`;
}

function keysOf(user: string) {
  const shard = shardOf(user);
  return { record: `rc:{${shard}}:b:${aorOf(user)}`, expiries: `rc:{${shard}}:exp` };
}

/** FNV-1a of the AOR. */
function shardOf(user: string): number {
  let hash = 0x811c9dc5;
  for (const char of aorOf(user)) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return (hash >>> 0) % shardCount;
}
