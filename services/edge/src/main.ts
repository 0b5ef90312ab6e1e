import { connectRedirect, connectRegistrar } from '@rollcall/rpc';
import { openChassis, runProgram } from '@rollcall/runtime';
import { formatHostPort } from '@rollcall/transport';
import { composeEdge } from './compose.ts';
import { grpcRoles, readEdgeConfig } from './config.ts';

/** For what comes after the drain. */
const closeMs = 10_000;

runProgram('edge', async () => {
  const config = readEdgeConfig();
  const { clock, logger, metrics, grpc, tracing, serveHttp } = openChassis('edge', config, grpcRoles);
  const following = { clock, observer: grpc.client, tracer: grpc.tracer, tls: grpc.tls };
  const registrar = connectRegistrar(config.registrar, following);
  const redirect = connectRedirect(config.redirect, following);
  grpc.showSubchannels({ registrar, redirect });
  const edge = await composeEdge({ config, clock, logger, metrics, tracing, registrar, redirect });
  const http = await serveHttp([
    ...edge.checks,
    {
      name: 'registrar',
      advisory: true,
      check: () => (registrar.ready() ? undefined : 'no registrar answers'),
    },
    { name: 'redirect', advisory: true, check: () => (redirect.ready() ? undefined : 'no redirect answers') },
  ]);
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
