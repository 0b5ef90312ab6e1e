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
 * Compare-and-set of records, each with its expiry, its shard's index of expiries, count of bindings and log of changes.
 * Each record stands for itself: one that has changed meanwhile does not keep the others from being written.
 *
 * KEYS, for each record: record, index, log, extras. ARGV: most entries in a log; then for each record: expected revision
 * (8 bytes; empty: no record), new value (empty: none), when the key goes, when the next binding expires (empty: none
 * does), AOR, bindings of the AOR beyond the first (empty: as many as before), number of changes, then change and binding
 * by turns.
 * Returns for each record 1 where it wrote, else the value as it is (nil: none).
 */
export const saveScript = `
${countExtras}
local function save(key, index, log, extras, at, changes)
  if redis.call('GETRANGE', key, 0, 7) ~= ARGV[at] then
    return redis.call('GET', key)
  end
  local aor = ARGV[at + 4]
  if ARGV[at + 1] == '' then
    redis.call('DEL', key)
  else
    redis.call('SET', key, ARGV[at + 1], 'PXAT', ARGV[at + 2])
  end
  if ARGV[at + 3] == '' then
    redis.call('ZREM', index, aor)
  else
    redis.call('ZADD', index, ARGV[at + 3], aor)
  end
  if ARGV[at + 5] ~= '' then
    countExtras(extras, aor, tonumber(ARGV[at + 5]))
  end
  for i = at + 7, at + 6 + changes * 2, 2 do
    redis.call('XADD', log, 'MAXLEN', '~', ARGV[1], '*', 'aor', aor, 'change', ARGV[i], 'binding', ARGV[i + 1])
  end
  return 1
end
local answers = {}
local at = 2
for i = 1, #KEYS, 4 do
  local changes = tonumber(ARGV[at + 6])
  answers[#answers + 1] = save(KEYS[i], KEYS[i + 1], KEYS[i + 2], KEYS[i + 3], at, changes)
  at = at + 7 + changes * 2
end
return answers
`;

/**
 * The AORs of a shard that are due, for the one process that holds the shard's lease. The records of those that have
 * become due since the last look are held: Redis must not drop them before they are announced. Their keys are made from
 * names in the index, and so are of the same slot as the index.
 *
 * KEYS: index, lease, extras. ARGV: name of the asking process, now, length of the lease in ms, most AORs, prefix of
 * records' keys, up to which expiry records are held already, for how many ms they are held.
 * Returns how many AORs the index holds, how many bindings they have beyond one each, how many AORs are due (-1: another
 * process sweeps them), then those that are, longest due first.
 */
export const takeDueScript = `
local answer = { redis.call('ZCARD', KEYS[1]), tonumber(redis.call('HGET', KEYS[3], '')) or 0, -1 }
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
answer[3] = #answer - 3
if answer[3] == tonumber(ARGV[4]) then
  answer[3] = redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[2])
end
if answer[3] > 0 then
  local since = '(' .. ARGV[6]
  for _, aor in ipairs(redis.call('ZRANGE', KEYS[1], since, ARGV[2], 'BYSCORE', 'LIMIT', 0, 16384)) do
    redis.call('PEXPIRE', ARGV[5] .. aor, ARGV[7], 'GT')
  end
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
