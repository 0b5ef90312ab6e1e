import { connectRedirect, connectRegistrar } from '@rollcall/rpc';
import { firstReady, openChassis, type ReadinessCheck, runProgram } from '@rollcall/runtime';
import { formatHostPort } from '@rollcall/transport';
import { composeEdge } from './compose.ts';
import { grpcRoles, readEdgeConfig } from './config.ts';

/** How long the sockets stay closed for want of what is behind them. Then phones are told 503, and need an edge for that, too. */
const firstBackendsMs = 5000;
/** For what comes after the drain. */
const closeMs = 10_000;

runProgram('edge', async (stopping) => {
  const config = readEdgeConfig();
  const { clock, logger, metrics, grpc, tracing, serveHttp } = openChassis('edge', config, grpcRoles);
  const following = { clock, observer: grpc.client, tracer: grpc.tracer, tls: grpc.tls };
  const registrar = connectRegistrar(config.registrar, following);
  const redirect = connectRedirect(config.redirect, following);
  grpc.showSubchannels({ registrar, redirect });
  const backends: ReadinessCheck[] = [
    { name: 'registrar', check: () => (registrar.ready() ? undefined : 'no registrar answers') },
    { name: 'redirect', check: () => (redirect.ready() ? undefined : 'no redirect answers') },
  ];
  // Never decisive later: an edge that can say 503 must not be taken out of the load balancer (its UDP flows would go).
  const http = await serveHttp(backends.map((check) => ({ ...check, advisory: true })));
  await firstReady(backends, { clock, logger, stopping, longestMs: firstBackendsMs });
  const edge = await composeEdge({ config, clock, logger, metrics, tracing, registrar, redirect });
  http.setStarted();
  const sip = edge.listeners.map((listener) => `${listener.transport}:${formatHostPort(listener.address)}`);
  logger.info({ sip, httpPort: http.port }, 'edge ready');
  return {
    logger,
    stopTimeoutMs: edge.longestDrainMs + closeMs,
    stopSteps: [
      { name: 'readiness', run: () => http.setDraining() },
      { name: 'drain', run: () => edge.drain() },
      { name: 'edge', run: () => edge.close() },
      {
        name: 'connections',
        run: () => {
          registrar.close();
          redirect.close();
        },
      },
      { name: 'traces', run: () => tracing?.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
