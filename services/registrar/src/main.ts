import { hostname } from 'node:os';
import { connectAuth, connectLocation, registrarService, serveGrpc } from '@rollcall/rpc';
import { openChassis, runProgram } from '@rollcall/runtime';
import { composeRegistrar } from './compose.ts';
import { readRegistrarConfig } from './config.ts';

runProgram('registrar', async () => {
  const config = readRegistrarConfig();
  const { clock, logger, metrics, serveHttp } = openChassis('registrar', config);
  const auth = connectAuth(config.auth, { clock });
  const location = connectLocation(config.location, { clock });
  const registrar = composeRegistrar({
    config,
    clock,
    logger,
    metrics,
    auth,
    location,
    instance: hostname(),
  });
  const grpc = await serveGrpc(config.grpcListen, [registrarService(registrar.calls)], { clock });
  const http = await serveHttp([
    ...registrar.checks,
    { name: 'location', check: () => (location.ready() ? undefined : 'no location answers') },
  ]);
  grpc.setServing(true);
  logger.info({ grpcPort: grpc.port, httpPort: http.port }, 'registrar ready');
  return {
    logger,
    stopSteps: [
      { name: 'readiness', run: () => http.setDraining() },
      { name: 'gRPC', run: () => grpc.drain(drainMs) },
      { name: 'registrar', run: () => registrar.close() },
      {
        name: 'connections',
        run: () => {
          auth.close();
          location.close();
        },
      },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});

/** Time for items in flight and for edges to go elsewhere. */
const drainMs = 5000;
