import { connectAuth, connectLocation, namedCallers, redirectService, serveGrpc } from '@rollcall/rpc';
import { firstReady, listening, openChassis, type ReadinessCheck, runProgram } from '@rollcall/runtime';
import { composeRedirect } from './compose.ts';
import { grpcRoles, readRedirectConfig } from './config.ts';

/** Time for items in flight and for edges to go elsewhere. */
const drainMs = 5000;

/** The redirect as a process of its own. */
runProgram('redirect', async (stopping) => {
  const config = readRedirectConfig();
  const {
    clock,
    logger,
    metrics,
    grpc: follow,
    tracing,
    serveHttp,
  } = openChassis('redirect', config, grpcRoles);
  const following = { clock, observer: follow.client, tracer: follow.tracer, tls: follow.tls };
  const auth = connectAuth(config.auth, following);
  const location = connectLocation(config.location, following);
  follow.showSubchannels({ auth, location });
  const redirect = composeRedirect({
    config,
    clock,
    logger,
    metrics,
    auth,
    location,
  });
  const edges = namedCallers(config.edges);
  const checks: ReadinessCheck[] = [
    ...redirect.checks,
    { name: 'auth', check: () => (auth.ready() ? undefined : 'no auth answers') },
    { name: 'location', check: () => (location.ready() ? undefined : 'no location answers') },
  ];
  const http = await serveHttp(checks);
  await firstReady(checks, { clock, logger, stopping });
  const serving = serveGrpc(config.grpcListen, [redirectService(redirect.calls)], {
    clock,
    observer: follow.server,
    tracer: follow.tracer,
    tls: follow.tls,
    callers: () => edges,
  });
  const grpc = await listening('REDIRECT_GRPC_LISTEN', config.grpcListen, serving);
  grpc.setServing(true);
  http.setStarted();
  logger.info({ grpcPort: grpc.port, httpPort: http.port }, 'redirect ready');
  return {
    logger,
    stopSteps: [
      { name: 'readiness', run: () => http.setDraining() },
      { name: 'gRPC', run: () => grpc.drain(drainMs) },
      { name: 'redirect', run: () => redirect.close() },
      {
        name: 'connections',
        run: () => {
          auth.close();
          location.close();
        },
      },
      { name: 'traces', run: () => tracing?.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
