// What must be one atomic step in Redis. All keys carry the hash tag {auth}, so that they lie in one slot.

/**
 * KEYS: the nonce. ARGV: nc, request key, instant of expiry in ms. Returns 1 for a fresh count or the same request
 * again, 0 for a replay.
 */
export const useNonceScript = `
local known = redis.call('HMGET', KEYS[1], 'nc', 'by')
local nc = tonumber(ARGV[1])
if known[1] then
  local last = tonumber(known[1])
  if nc < last or (nc == last and known[2] ~= ARGV[2]) then return 0 end
  if nc == last then return 1 end
end
redis.call('HSET', KEYS[1], 'nc', ARGV[1], 'by', ARGV[2])
redis.call('PEXPIREAT', KEYS[1], ARGV[3])
return 1
`;

/**
 * KEYS: failures of the user from the source, failures of the source, lock-outs in force (sorted set by their end).
 * ARGV: limit of the user, limit of the source, window in ms, now in ms, the user's lock-out, the source's lock-out
 * (JSON), channel, greatest number of lock-outs kept. Returns the lock-outs brought about.
 */
export const countFailureScript = `
local untilMs = string.format('%.0f', tonumber(ARGV[4]) + tonumber(ARGV[3]))
local made = {}
local function count(key, limit, lockout)
  local failures = redis.call('INCR', key)
  if failures == 1 then redis.call('PEXPIRE', key, ARGV[3]) end
  if failures < tonumber(limit) then return end
  redis.call('DEL', key)
  redis.call('ZADD', KEYS[3], untilMs, lockout)
  redis.call('PUBLISH', ARGV[7], untilMs .. ' ' .. lockout)
  made[#made + 1] = untilMs .. ' ' .. lockout
end
count(KEYS[1], ARGV[1], ARGV[5])
count(KEYS[2], ARGV[2], ARGV[6])
if #made > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', ARGV[4])
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -1 - tonumber(ARGV[8]))
  redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
return made
`;
