import { authService, type MethodName, serveGrpc } from '@rollcall/rpc';
import { openChassis, runProgram } from '@rollcall/runtime';
import { composeAuth } from './compose.ts';
import { readAuthConfig } from './config.ts';

/** Time for items in flight and for registrars to go elsewhere. */
const drainMs = 5000;

/** Auth as a process of its own. */
runProgram('auth', async () => {
  const config = readAuthConfig();
  const { clock, logger, metrics, serveHttp } = openChassis('auth', config);
  const auth = await composeAuth({ config, clock, logger, metrics });
  const observer = {
    onStarted() {},
    onHandled() {},
    onBatch() {},
    onError: (method: MethodName, error: unknown) =>
      logger.error({ err: error, method: method.name }, 'call failed'),
  };
  const grpc = await serveGrpc(config.grpcListen, [authService(auth.calls)], { clock, observer });
  const http = await serveHttp(auth.checks);
  grpc.setServing(true);
  logger.info({ grpcPort: grpc.port, httpPort: http.port }, 'auth ready');
  return {
    logger,
    stopSteps: [
      { name: 'readiness', run: () => http.setDraining() },
      { name: 'gRPC', run: () => grpc.drain(drainMs) },
      { name: 'auth', run: () => auth.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
