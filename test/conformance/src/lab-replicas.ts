import { findFreePort, Program, type ServicesCluster } from '@rollcall/testkit';

/** A second location and a second registrar, beside those of a cluster and with the same Redis and auth. */
export interface SecondServices {
  /** "host:port" of the registrar's gRPC server. */
  readonly registrarApi: string;
  stop(): Promise<void>;
}

/** Starts them, so that what comes in by the second edge meets what came by the first in Redis, and nowhere before. */
export async function startSecondServices(
  cluster: ServicesCluster,
  redisUrl: string,
  registrarEnv: Readonly<Record<string, string>>,
): Promise<SecondServices> {
  const started: Program[] = [];
  const start = async (name: string, grpcVariable: string, env: Readonly<Record<string, string>>) => {
    const [grpc, http] = [`127.0.0.1:${await findFreePort()}`, `127.0.0.1:${await findFreePort()}`];
    const program = new Program({
      name,
      http,
      env: { ...env, [grpcVariable]: grpc, HTTP_LISTEN: http, LOG_FORMAT: 'json' },
    });
    await program.start();
    started.push(program);
    return grpc;
  };
  const stop = async () => {
    for (const program of started.toReversed()) await program.stop();
  };
  try {
    const location = await start('location', 'LOCATION_GRPC_LISTEN', { LOCATION_STORE: redisUrl });
    const registrarApi = await start('registrar', 'REGISTRAR_GRPC_LISTEN', {
      ...registrarEnv,
      REGISTRAR_AUTH: `dns:///${cluster.authApi}`,
      REGISTRAR_LOCATION: `dns:///${location}`,
    });
    return { registrarApi, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
