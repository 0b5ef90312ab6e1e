import { findFreePort, Program, type RunningRedis, SipAgent, startRedis } from '@rollcall/testkit';
import type { HostPort } from '@rollcall/transport';
import type { ConformanceTarget } from './conformance-case.ts';
import { startSecondServices } from './lab-replicas.ts';
import { type Product, startProduct } from './product.ts';
import { pause, register } from './registering.ts';
import { bob } from './test-users.ts';

/** A service of the lab that can be held or killed. */
export type LabPart = 'registrar' | 'auth' | 'location' | 'redirect';

/**
 * Five processes with Redis, and a second edge, registrar and location, for what only broken or doubled parts show. One case
 * at a time has it.
 */
export interface Lab extends ConformanceTarget {
  /** SIP of the second edge, which has a registrar and a location of its own, and shares the rest with the first. */
  readonly secondSip: HostPort;
  /** Holds a service, as a stalled machine would; it goes on when the function that is returned is called, or the case ends. */
  hold(part: LabPart): () => Promise<void>;
  /** Kills Redis, as a crash would, and starts it again with its data when the function that is returned is called. */
  killRedis(): Promise<() => Promise<void>>;
  /** Kills a service and starts it again. */
  restart(part: LabPart): Promise<void>;
}

/** The lab's machinery, which outlives the cases that use it. */
export interface LabMachine {
  readonly product: Product;
  readonly redis: RunningRedis;
  readonly secondSip: HostPort;
  stop(): Promise<void>;
}

/** Both registrars must judge alike. */
const registrarEnv = { REGISTRAR_MAX_CONTACTS: '100', REGISTRAR_EXPIRES_JITTER: '0' };
const flowSecret = 'flow-secret-of-both-edges';

export async function startLabMachine(): Promise<LabMachine> {
  const redis = await startRedis({ own: true, durable: true });
  const started: (() => Promise<void>)[] = [() => redis.stop()];
  const stop = async () => {
    for (const each of started.toReversed()) await each();
  };
  try {
    const product = await startProduct('services', {
      env: {
        LOCATION_STORE: redis.url,
        AUTH_STORE: redis.url,
        AUTH_NONCE_SECRETS: 'one-secret-for-both-edges',
        ...registrarEnv,
        EDGE_FLOW_SECRETS: flowSecret,
      },
    });
    started.push(() => product.stop());
    if (product.cluster === undefined) throw new Error('the lab is five processes');
    const services = await startSecondServices(product.cluster, redis.url, registrarEnv);
    started.push(() => services.stop());
    const { second, secondSip } = await startSecondEdge(product, services.registrarApi);
    started.push(() => second.stop());
    return { product, redis, secondSip, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startSecondEdge(
  product: Product,
  registrarApi: string,
): Promise<{ second: Program; secondSip: HostPort }> {
  const { cluster } = product;
  if (cluster === undefined) throw new Error('the lab is five processes');
  const [sipPort, httpPort] = [await findFreePort(), await findFreePort()];
  const second = new Program({
    name: 'edge',
    http: `127.0.0.1:${httpPort}`,
    env: {
      EDGE_NAME: 'second-edge',
      EDGE_FLOW_SECRETS: flowSecret,
      EDGE_UDP_LISTEN: `127.0.0.1:${sipPort}`,
      EDGE_TCP_LISTEN: `127.0.0.1:${sipPort}`,
      EDGE_REGISTRAR: `dns:///${registrarApi}`,
      EDGE_REDIRECT: `dns:///${cluster.redirectApi}`,
      HTTP_LISTEN: `127.0.0.1:${httpPort}`,
      LOG_FORMAT: 'json',
    },
  });
  await second.start();
  return { second, secondSip: { host: '127.0.0.1', port: sipPort } };
}

/** What a lab can do to its parts, and how all is made well again. */
export function handleLab(machine: LabMachine): {
  readonly tools: Pick<Lab, 'secondSip' | 'hold' | 'killRedis' | 'restart'>;
  heal(): Promise<void>;
} {
  const { product, redis, secondSip } = machine;
  const cures = new Set<() => Promise<void>>();
  const cluster = product.cluster;
  if (cluster === undefined) throw new Error('the lab is five processes');
  /** The cure is taken once: by the case, or by heal() where the case did not come to it. */
  const onceOnly = (cure: () => Promise<void>) => {
    const once = async () => {
      if (cures.delete(once)) await cure();
    };
    cures.add(once);
    return once;
  };
  return {
    tools: {
      secondSip,
      hold: (part) => {
        const { pid } = cluster.program(part);
        if (pid === undefined) throw new Error(`${part} does not run`);
        process.kill(pid, 'SIGSTOP');
        return onceOnly(async () => {
          process.kill(pid, 'SIGCONT');
        });
      },
      killRedis: async () => {
        await redis.kill();
        return onceOnly(async () => {
          await redis.restart();
          await untilServing(product);
        });
      },
      restart: async (part) => {
        const program = cluster.program(part);
        await program.kill('SIGKILL');
        await program.start();
        await untilServing(product);
      },
    },
    heal: async () => {
      for (const cure of [...cures]) await cure();
    },
  };
}

/** Waits until registrations go through again: clients of what was away find it again in their own time. */
async function untilServing(product: Product): Promise<void> {
  const agent = new SipAgent({ transport: 'udp', server: product.sip });
  try {
    for (let tries = 1; ; tries += 1) {
      const { status } = await register(agent, bob, { contact: '' });
      if (status === 200) return;
      if (tries === mostTries) throw new Error(`still ${status} after ${tries} tries`);
      await pause(betweenTriesMs);
    }
  } finally {
    await agent.close();
  }
}

const mostTries = 80;
const betweenTriesMs = 250;
