import { canonicalHost, type Via } from '@rollcall/sip';
import type { HostPort } from './host-port.ts';
import { withoutZone } from './ip-address.ts';

const DEFAULT_PORT = 5060;
const DEFAULT_TLS_PORT = 5061;

/** Where a response goes, and what the top Via of the response has to say about the source. */
export interface ResponseTarget {
  readonly host: string;
  readonly port: number;
  /** Value of the `received` parameter to set, if any. */
  readonly received: string | undefined;
  /** Value of the `rport` parameter to set, if any. */
  readonly rport: number | undefined;
}

/**
 * RFC 3261 §18.2.1 and §18.2.2 with RFC 3581 §4. `remote` is the request's source; `reliable` says that it came by a
 * connection, which then takes the response.
 *
 * `maddr` is not followed: anybody could have responses sent to a third address by it. Nor is a `received` or `rport` value
 * that the sender itself wrote: what was seen overrides it.
 */
export function responseTarget(topVia: Via, remote: HostPort, reliable: boolean): ResponseTarget {
  const source = withoutZone(remote.host);
  const symmetric = topVia.rport !== undefined;
  const differs = topVia.received !== undefined || withoutBrackets(canonicalHost(topVia.host)) !== source;
  return {
    host: remote.host,
    port: reliable || symmetric ? remote.port : sentByPort(topVia),
    received: symmetric || differs ? source : undefined,
    rport: symmetric ? remote.port : undefined,
  };
}

/** Where a response goes when the connection that brought the request is gone (RFC 3261 §18.2.2, first bullet). */
export function reconnectTarget(topVia: Via, remote: HostPort): HostPort {
  return { host: remote.host, port: sentByPort(topVia) };
}

function sentByPort(via: Via): number {
  if (via.port !== undefined && via.port > 0) return via.port;
  return via.transport === 'TLS' ? DEFAULT_TLS_PORT : DEFAULT_PORT;
}

function withoutBrackets(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
