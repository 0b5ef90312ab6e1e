import { hostname } from 'node:os';
import {
  connectAuth,
  connectLocation,
  connectLocationApi,
  namedCallers,
  registrarService,
  serveGrpc,
} from '@rollcall/rpc';
import { firstReady, listening, openChassis, type ReadinessCheck, runProgram } from '@rollcall/runtime';
import { composeRegistrar } from './compose.ts';
import { grpcRoles, readRegistrarConfig } from './config.ts';

/** Time for items in flight and for edges to go elsewhere. */
const drainMs = 5000;

/** The registrar as a process of its own. */
runProgram('registrar', async (stopping) => {
  const config = readRegistrarConfig();
  const {
    clock,
    logger,
    metrics,
    grpc: follow,
    tracing,
    serveHttp,
  } = openChassis('registrar', config, grpcRoles);
  const following = { clock, observer: follow.client, tracer: follow.tracer, tls: follow.tls };
  const auth = connectAuth(config.auth, following);
  const location = connectLocation(config.location, following);
  const registrations = connectLocationApi(config.location, following);
  follow.showSubchannels({ auth, location });
  const registrar = composeRegistrar({
    config,
    clock,
    logger,
    metrics,
    auth,
    location,
    registrations,
    instance: hostname(),
  });
  const edges = namedCallers(config.edges);
  const checks: ReadinessCheck[] = [
    ...registrar.checks,
    { name: 'location', check: () => (location.ready() ? undefined : 'no location answers') },
  ];
  const http = await serveHttp(checks);
  await firstReady(checks, { clock, logger, stopping });
  const serving = serveGrpc(config.grpcListen, [registrarService(registrar.calls)], {
    clock,
    observer: follow.server,
    tracer: follow.tracer,
    tls: follow.tls,
    callers: () => edges,
  });
  const grpc = await listening('REGISTRAR_GRPC_LISTEN', config.grpcListen, serving);
  grpc.setServing(true);
  http.setStarted();
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
          registrations.close();
        },
      },
      { name: 'traces', run: () => tracing?.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
