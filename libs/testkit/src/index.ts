export { answerChallenge, type ChallengeAnswer } from './agent-credentials.ts';
export { AgentTimeout } from './agent-inbox.ts';
export type { AgentTls, AgentTransport } from './agent-socket.ts';
export {
  type ClusterOptions,
  findFreePorts,
  type Ports,
  type ServiceName,
  type ServicesCluster,
  serviceNames,
  startServices,
} from './cluster.ts';
export { findTool, type Machine, type Tool } from './find-tool.ts';
export { findFreePort } from './free-ports.ts';
export { ManualClock } from './manual-clock.ts';
export { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from './otlp-receiver.ts';
export { type RunningPostgres, startPostgres } from './postgres-process.ts';
export { Program, type ProgramOptions } from './program.ts';
export { type RedisGroup, startRedisCluster, startRedisSentinel } from './redis-group.ts';
export type { RedisGuard, RedisGuardFiles } from './redis-guard.ts';
export { type RedisNeeds, startGuardedRedis, startRedis } from './redis-harness.ts';
export type { RunningRedis } from './running-redis.ts';
export { readScriptOptions, wholeOption } from './script-options.ts';
export {
  type AgentRegistration,
  type AgentRequest,
  SipAgent,
  type SipAgentOptions,
} from './sip-agent.ts';
export { type Standalone, startStandalone } from './standalone.ts';
