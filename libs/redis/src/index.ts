export { OutageLog, type OutageLogParts } from './outage-log.ts';
export { openRedis, type RedisClient, type RedisClientParts } from './redis-client.ts';
export { parseRedisTarget, type RedisTarget, redisTargetForms } from './redis-target.ts';
export { openRedisTls, type RedisTls } from './redis-tls.ts';
export { checkRedis, type RedisSettings, redisVariables } from './redis-variables.ts';
