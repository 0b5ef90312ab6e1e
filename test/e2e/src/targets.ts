import { startRedis, startServices, startStandalone } from '@rollcall/testkit';
import { LineLog } from './line-log.ts';

/** The product while it runs, whichever way it was started. */
export interface RunningTarget {
  /** SIP over UDP and TCP. */
  readonly sip: { readonly host: string; readonly port: number };
  /** "host:port" of the public gRPC API. */
  readonly locationApi: string;
  /** Everything that its processes write. */
  readonly log: LineLog;
  stop(): Promise<void>;
}

/** One way to run the product. */
export interface Target {
  readonly name: string;
  /** Starts it, with further environment variables. */
  start(env: Readonly<Record<string, string>>): Promise<RunningTarget>;
}

const standalone: Target = {
  name: 'standalone',
  start: async (env) => {
    const log = new LineLog();
    const running = await startStandalone({ env, onLine: (line) => log.add(line) });
    return { sip: running.sip, locationApi: running.locationApi, log, stop: () => running.stop() };
  },
};

const fiveProcesses: Target = {
  name: 'five processes with Redis',
  start: async (env) => {
    const log = new LineLog();
    const redis = await startRedis();
    try {
      const { sip, locationApi, stop } = await startServices({
        env,
        redisUrl: redis.url,
        onLine: (service, line) => log.add(`${service}: ${line}`),
      });
      return {
        sip,
        locationApi,
        log,
        stop: async () => {
          await stop();
          await redis.stop();
        },
      };
    } catch (error) {
      await redis.stop();
      throw error;
    }
  },
};

/** Every suite that does not need one of them in particular runs against both. */
export const targets: readonly Target[] = [standalone, fiveProcesses];
