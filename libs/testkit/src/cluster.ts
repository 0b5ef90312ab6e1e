import { findFreePort } from './free-ports.ts';
import { Program } from './program.ts';

/** In the order in which they are started; they are stopped the other way round, so that nothing asks into a void. */
export const serviceNames = ['location', 'auth', 'registrar', 'redirect', 'edge'] as const;

/** One of the five services. */
export type ServiceName = (typeof serviceNames)[number];

/** Where everything is, for the starter's own defaults. */
export interface Ports {
  readonly sip: number;
  readonly grpc: Readonly<Record<Exclude<ServiceName, 'edge'>, number>>;
  readonly http: Readonly<Record<ServiceName, number>>;
}

/** What to start. */
export interface ClusterOptions {
  /** Variables of the services; they win over the starter's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** Variables of one service alone; they win over all others. */
  readonly envOf?: (service: ServiceName) => Readonly<Record<string, string>>;
  /** The Redis that bindings are kept in, where the environment does not say. */
  readonly redisUrl: string;
  /** Default: free ones. */
  readonly ports?: Ports;
  /** Gives the start up: what runs already is stopped. */
  readonly signal?: AbortSignal;
  /** Called for each line that a service writes. */
  readonly onLine?: (service: ServiceName, line: string) => void;
}

/** Five running processes. */
export interface ServicesCluster {
  /** SIP over UDP and TCP. */
  readonly sip: { readonly host: string; readonly port: number };
  /** "host:port" of the gRPC servers. */
  readonly locationApi: string;
  readonly redirectApi: string;
  readonly registrarApi: string;
  readonly authApi: string;
  /** "host:port" of each HTTP server. */
  readonly http: Readonly<Record<ServiceName, string>>;
  program(name: ServiceName): Program;
  stop(): Promise<void>;
}

/** Ports that nobody uses now. */
export async function findFreePorts(): Promise<Ports> {
  const next = findFreePort;
  return {
    sip: await next(),
    grpc: { location: await next(), auth: await next(), registrar: await next(), redirect: await next() },
    http: {
      location: await next(),
      auth: await next(),
      registrar: await next(),
      redirect: await next(),
      edge: await next(),
    },
  };
}

/**
 * Starts the five services as processes, wired by gRPC, and waits until all are ready.
 *
 * @throws Error with the output of the one that did not start; the others are stopped
 */
export async function startServices(options: ClusterOptions): Promise<ServicesCluster> {
  const ports = options.ports ?? (await findFreePorts());
  const shared = wire(ports, options.redisUrl, options.env ?? {});
  const httpOf = (name: ServiceName) => httpAddress(options.env?.HTTP_LISTEN, name, ports);
  const programs = new Map(
    serviceNames.map((name) => {
      const { onLine } = options;
      const program = new Program({
        name,
        env: { ...shared, HTTP_LISTEN: httpOf(name), ...options.envOf?.(name) },
        http: reachable(httpOf(name)),
        ...(onLine === undefined ? {} : { onLine: (line: string) => onLine(name, line) }),
      });
      return [name, program] as const;
    }),
  );
  const program = (name: ServiceName) => programs.get(name) as Program;
  const stop = async () => {
    for (const name of serviceNames.toReversed()) await program(name).stop();
  };
  try {
    const { signal } = options;
    const started = Promise.all(serviceNames.map((name) => program(name).start()));
    await (signal === undefined ? started : Promise.race([started, givenUp(signal)]));
  } catch (error) {
    await stop();
    throw error;
  }
  const [host, port] = splitAddress(
    reachable((shared.EDGE_UDP_LISTEN || shared.EDGE_TCP_LISTEN)?.split(',')[0] ?? ''),
  );
  return {
    sip: { host, port },
    locationApi: reachable(shared.LOCATION_GRPC_LISTEN ?? ''),
    redirectApi: reachable(shared.REDIRECT_GRPC_LISTEN ?? ''),
    registrarApi: reachable(shared.REGISTRAR_GRPC_LISTEN ?? ''),
    authApi: reachable(shared.AUTH_GRPC_LISTEN ?? ''),
    http: Object.fromEntries(serviceNames.map((name) => [name, reachable(httpOf(name))])) as Record<
      ServiceName,
      string
    >,
    program,
    stop,
  };
}

/** Rejects once somebody gives up. */
function givenUp(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** The variables of all five: the given ones, and what wires the rest to them on this machine. */
function wire(
  ports: Ports,
  redisUrl: string,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const { sip, grpc } = ports;
  const listen = (name: Exclude<ServiceName, 'edge'>) =>
    given[`${name.toUpperCase()}_GRPC_LISTEN`] ?? `127.0.0.1:${grpc[name]}`;
  const target = (name: Exclude<ServiceName, 'edge'>) => `dns:///${reachable(listen(name))}`;
  return {
    EDGE_UDP_LISTEN: `127.0.0.1:${sip}`,
    EDGE_TCP_LISTEN: `127.0.0.1:${sip}`,
    EDGE_REGISTRAR: target('registrar'),
    EDGE_REDIRECT: target('redirect'),
    REGISTRAR_GRPC_LISTEN: listen('registrar'),
    REGISTRAR_AUTH: target('auth'),
    REGISTRAR_LOCATION: target('location'),
    AUTH_GRPC_LISTEN: listen('auth'),
    ...(given.AUTH_STORE_FILE === undefined ? { AUTH_STORE: redisUrl || 'memory:' } : {}),
    LOCATION_GRPC_LISTEN: listen('location'),
    ...(given.LOCATION_STORE_FILE === undefined ? { LOCATION_STORE: redisUrl } : {}),
    REDIRECT_GRPC_LISTEN: listen('redirect'),
    REDIRECT_LOCATION: target('location'),
    REDIRECT_AUTH: target('auth'),
    LOG_FORMAT: 'json',
    ...given,
  };
}

/** One machine has five HTTP servers: a given HTTP_LISTEN is the first one's, the others follow by port. */
function httpAddress(given: string | undefined, name: ServiceName, ports: Ports): string {
  if (given === undefined) return `127.0.0.1:${ports.http[name]}`;
  const [host, port] = splitAddress(given);
  return `${host}:${port + serviceNames.indexOf(name)}`;
}

/** Where a listener on all addresses is reached from here. */
function reachable(address: string): string {
  return address.replace(/^0\.0\.0\.0:/, '127.0.0.1:').replace(/^\[::\]:/, '[::1]:');
}

function splitAddress(address: string): [string, number] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon), Number(address.slice(colon + 1))];
}
