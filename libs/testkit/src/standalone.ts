import { findFreePort } from './free-ports.ts';
import { Program } from './program.ts';

/** A running standalone process. */
export interface Standalone {
  /** SIP over UDP and TCP. */
  readonly sip: { readonly host: string; readonly port: number };
  /** "host:port" of the public gRPC API. */
  readonly locationApi: string;
  /** "host:port" of the HTTP server. */
  readonly http: string;
  readonly program: Program;
  /** What it wrote so far. */
  output(): string;
  stop(): Promise<void>;
}

/**
 * Starts standalone as a process on free ports of 127.0.0.1, and waits until it is ready.
 *
 * @throws Error with its output where it does not start
 */
export async function startStandalone(
  options: {
    env?: Readonly<Record<string, string>>;
    /** Called for each line that it writes. */
    onLine?: (line: string) => void;
  } = {},
): Promise<Standalone> {
  const [sip, grpc, http] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const program = new Program({
    name: 'standalone',
    http: `127.0.0.1:${http}`,
    env: {
      EDGE_UDP_LISTEN: `127.0.0.1:${sip}`,
      EDGE_TCP_LISTEN: `127.0.0.1:${sip}`,
      LOCATION_GRPC_LISTEN: `127.0.0.1:${grpc}`,
      HTTP_LISTEN: `127.0.0.1:${http}`,
      LOG_FORMAT: 'json',
      ...options.env,
    },
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
  });
  await program.start();
  return {
    sip: { host: '127.0.0.1', port: sip },
    locationApi: `127.0.0.1:${grpc}`,
    http: `127.0.0.1:${http}`,
    program,
    output: () => program.output,
    stop: () => program.stop(),
  };
}
