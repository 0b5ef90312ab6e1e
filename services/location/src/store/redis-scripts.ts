/**
 * Counts bindings: an AOR in the index has one, and the hash of extras says how many more; its field without a name holds
 * the sum of all. Most AORs have one binding only, and a refresh counts nothing, so this costs next to nothing.
 */
const countExtras = `
local function countExtras(key, aor, after)
  local before = tonumber(redis.call('HGET', key, aor)) or 0
  if after == before then
    return
  end
  if after == 0 then
    redis.call('HDEL', key, aor)
  else
    redis.call('HSET', key, aor, after)
  end
  redis.call('HINCRBY', key, '', after - before)
end
`;

/**
 * Compare-and-set of one record, with its expiry, the shard's index of expiries, its count of bindings and its log of
 * changes.
 *
 * KEYS: record, index, log, extras. ARGV: expected revision (8 bytes; empty: no record), new value (empty: none), when the
 * key goes, when the next binding expires (empty: none does), AOR, most entries in the log, bindings of the AOR beyond the
 * first (empty: as many as before), then change and binding by turns.
 * Returns 1 where it wrote, else the value as it is (nil: none).
 */
export const saveScript = `
${countExtras}
if redis.call('GETRANGE', KEYS[1], 0, 7) ~= ARGV[1] then
  return redis.call('GET', KEYS[1])
end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[2], 'PXAT', ARGV[3])
end
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[2], ARGV[5])
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[5])
end
if ARGV[7] ~= '' then
  countExtras(KEYS[4], ARGV[5], tonumber(ARGV[7]))
end
for i = 8, #ARGV, 2 do
  redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[6], '*', 'aor', ARGV[5], 'change', ARGV[i], 'binding', ARGV[i + 1])
end
return 1
`;

/**
 * The AORs of a shard that are due, for the one process that holds the shard's lease.
 *
 * KEYS: index, lease, extras. ARGV: name of the asking process, now, length of the lease in ms, most AORs.
 * Returns how many AORs the index holds, how many bindings they have beyond one each, then the AORs that are due.
 */
export const takeDueScript = `
local answer = { redis.call('ZCARD', KEYS[1]), tonumber(redis.call('HGET', KEYS[3], '')) or 0 }
local holder = redis.call('GET', KEYS[2])
if holder and holder ~= ARGV[1] then
  return answer
end
if not holder or redis.call('PTTL', KEYS[2]) * 2 < tonumber(ARGV[3]) then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[3])
end
for _, aor in ipairs(redis.call('ZRANGE', KEYS[1], '-inf', ARGV[2], 'BYSCORE', 'LIMIT', 0, ARGV[4])) do
  answer[#answer + 1] = aor
end
return answer
`;

/** What `lastId` is in the scripts below: the id of the newest entry of a log. */
const lastId = `
local last = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
local lastId = last[1] and last[1][1] or '0-0'
`;

/**
 * The AORs of a shard that end in a text, and where the log ends. Takes some 6 ms where the shard has 6,000 AORs, its
 * part of 400,000: once for each listing and shard, never for a registration or a look-up.
 *
 * KEYS: log, index. ARGV: the text. Returns the id of the newest entry of the log, then the AORs.
 */
export const listAorsScript = `
${lastId}
local answer = { lastId }
local size = #ARGV[1]
for _, aor in ipairs(redis.call('ZRANGE', KEYS[2], 0, -1)) do
  if string.sub(aor, -size) == ARGV[1] then
    answer[#answer + 1] = aor
  end
end
return answer
`;

/**
 * Some records of a shard as they are at one moment, and where the log ends.
 *
 * KEYS: log, records. Returns the id of the newest entry of the log, then the values.
 */
export const readTogetherScript = `
${lastId}
local answer = { lastId }
for i = 2, #KEYS do
  answer[i] = redis.call('GET', KEYS[i])
end
return answer
`;

/**
 * Entries of a log from one on, or from its start, and how many it holds.
 *
 * KEYS: log. ARGV: id, most entries. Returns the length of the log, then the entries.
 */
export const readLogScript = `
return { redis.call('XLEN', KEYS[1]), redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2]) }
`;

/**
 * Takes an AOR whose record Redis has dropped out of the index, and logs that it expired.
 *
 * KEYS: record, index, log, extras. ARGV: AOR, most entries in the log. Returns 1 where it did, else 0.
 */
export const forgetDueScript = `
${countExtras}
if redis.call('EXISTS', KEYS[1]) == 1 or redis.call('ZREM', KEYS[2], ARGV[1]) == 0 then
  return 0
end
countExtras(KEYS[4], ARGV[1], 0)
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[2], '*', 'aor', ARGV[1], 'change', 'expired', 'binding', '')
return 1
`;
