import { authService, serveGrpc } from '@rollcall/rpc';
import { firstReady, listening, openChassis, runProgram } from '@rollcall/runtime';
import { authCallers } from './callers.ts';
import { composeAuth } from './compose.ts';
import { grpcRoles, nonceSecretsPath, readAuthConfig } from './config.ts';

/** Time for items in flight and for registrars to go elsewhere. */
const drainMs = 5000;

/** Auth as a process of its own. */
runProgram('auth', async (stopping) => {
  const config = readAuthConfig();
  const { clock, logger, metrics, grpc, tracing, serveHttp } = openChassis('auth', config, grpcRoles);
  const auth = await composeAuth({
    ...{ config, clock, logger, metrics },
    nonceSecretsPath: nonceSecretsPath(),
  });
  const http = await serveHttp(auth.checks);
  await firstReady(auth.checks, { clock, logger, stopping });
  const serving = serveGrpc(config.grpcListen, [authService(auth.calls)], {
    clock,
    observer: grpc.server,
    tracer: grpc.tracer,
    tls: grpc.tls,
    callers: authCallers(config),
  });
  const server = await listening('AUTH_GRPC_LISTEN', config.grpcListen, serving);
  server.setServing(true);
  http.setStarted();
  logger.info({ grpcPort: server.port, httpPort: http.port }, 'auth ready');
  return {
    logger,
    stopSteps: [
      {
        name: 'readiness',
        run: () => {
          http.setDraining();
          server.setServing(false);
        },
      },
      { name: 'gRPC', run: () => server.drain(drainMs) },
      { name: 'auth', run: () => auth.close() },
      { name: 'traces', run: () => tracing?.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
