import { locationCallers } from '@rollcall/location';
import { locationServices, serveGrpc } from '@rollcall/rpc';
import { listening, openChassis, runProgram } from '@rollcall/runtime';
import { formatHostPort } from '@rollcall/transport';
import { formatBanner } from './banner.ts';
import { showChanges } from './change-lines.ts';
import { composeStandalone } from './compose.ts';
import { grpcRoles, readStandaloneConfig } from './config.ts';

/** Time for clients of location's API to go elsewhere. */
const drainMs = 500;
/** For what comes after the edge. */
const closeMs = 10_000;

runProgram('standalone', async () => {
  const config = readStandaloneConfig();
  const chassis = openChassis('standalone', config.process, grpcRoles);
  const { clock, logger, version, grpc: follow, serveHttp } = chassis;
  const standalone = await composeStandalone(config, chassis);
  const { edge, location } = standalone;
  if (config.process.logFormat === 'pretty') showChanges(location.changes, clock);
  const services = locationServices(location.calls, location.api);
  const { grpcListen } = config.location;
  const grpc = await listening(
    'LOCATION_GRPC_LISTEN',
    grpcListen,
    serveGrpc(grpcListen, services, {
      clock,
      observer: follow.server,
      tracer: follow.tracer,
      tls: follow.tls,
      callers: locationCallers(config.location),
      reflection: config.location.reflection,
    }),
  );
  const http = await serveHttp(standalone.checks);
  grpc.setServing(true);
  http.setStarted();
  process.stdout.write(
    formatBanner({
      version: version.version,
      what: `standalone, bindings in ${config.location.store.kind === 'memory' ? 'memory' : 'Redis'}`,
      sip: edge.listeners.map(({ transport, address }) => ({ transport, address: formatHostPort(address) })),
      locationApi: grpcListen.replace(/\d+$/, String(grpc.port)),
      http: [{ name: '', address: `${config.process.httpListen.host}:${http.port}` }],
      demo: config.demo,
    }),
  );
  return {
    logger,
    stopTimeoutMs: edge.longestDrainMs + closeMs,
    stopSteps: [
      { name: 'readiness', run: () => http.setDraining() },
      { name: 'edge', run: () => edge.drain() },
      { name: 'gRPC', run: () => grpc.drain(drainMs) },
      { name: 'services', run: () => standalone.close() },
      { name: 'traces', run: () => chassis.tracing?.close() },
      { name: 'HTTP', run: () => http.close() },
    ],
  };
});
