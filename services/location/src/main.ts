import { locationServices, serveGrpc } from '@rollcall/rpc';
import { firstReady, listening, openChassis, runProgram } from '@rollcall/runtime';
import { locationCallers } from './callers.ts';
import { composeLocation } from './compose.ts';
import { grpcRoles, readLocationConfig } from './config.ts';

/** Time for items in flight and for registrars to go elsewhere. */
const drainMs = 5000;

/** Location as a process of its own. */
runProgram('location', async (stopping) => {
  const config = readLocationConfig();
  const {
    clock,
    logger,
    metrics,
    grpc: follow,
    tracing,
    serveHttp,
  } = openChassis('location', config, grpcRoles);
  const location = composeLocation({ config, clock, logger, metrics, tracing });
  const http = await serveHttp(location.checks);
  await firstReady(location.checks, { clock, logger, stopping });
  const services = locationServices(location.calls, location.api);
  const serving = serveGrpc(config.grpcListen, services, {
    clock,
    observer: follow.server,
    tracer: follow.tracer,
    tls: follow.tls,
    callers: locationCallers(config),
    reflection: config.reflection,
  });
  const grpc = await listening('LOCATION_GRPC_LISTEN', config.grpcListen, serving);
  grpc.setServing(true);
  http.setStarted();
  logger.info({ grpcPort: grpc.port, httpPort: http.port }, 'location ready');
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
      { name: 'traces', run: () => tracing?.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
