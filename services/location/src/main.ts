import { locationServices, type MethodName, serveGrpc } from '@rollcall/rpc';
import { openChassis, runProgram } from '@rollcall/runtime';
import { composeLocation } from './compose.ts';
import { readLocationConfig } from './config.ts';

/** Time for items in flight and for registrars to go elsewhere. */
const drainMs = 5000;

/** Location as a process of its own. */
runProgram('location', async () => {
  const config = readLocationConfig();
  const { clock, logger, metrics, serveHttp } = openChassis('location', config);
  const location = composeLocation({ config, clock, logger, metrics });
  const observer = {
    onStarted() {},
    onHandled() {},
    onBatch() {},
    onError: (method: MethodName, error: unknown) =>
      logger.error({ err: error, method: method.name }, 'call failed'),
  };
  const services = locationServices(location.calls, location.api);
  const grpc = await serveGrpc(config.grpcListen, services, { clock, observer });
  const http = await serveHttp(location.checks);
  grpc.setServing(true);
  logger.info({ grpcPort: grpc.port, httpPort: http.port }, 'location is ready');
  return {
    logger,
    stopSteps: [
      {
        name: 'readiness',
        run: () => {
          http.setDraining();
          grpc.setServing(false);
        },
      },
      { name: 'gRPC', run: () => grpc.drain(drainMs) },
      { name: 'store', run: () => location.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
