import { lookup } from 'node:dns/promises';

/** A gRPC target: one name, any number of addresses behind it. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Finds the addresses behind a host name; IPv6 without brackets. Rejects where there are none to be found. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/**
 * Reads "dns:///name:port", "dns:name:port" or "name:port"; an IPv6 address in brackets.
 *
 * @throws RangeError for anything else
 */
export function parseTarget(text: string): Target {
  const authority = text.startsWith('dns:') ? text.slice(4).replace(/^\/\/\//, '') : text;
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/.exec(authority);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) {
    throw new RangeError(`"${text}" is not a gRPC target such as dns:///registrar:50051`);
  }
  return { host, port };
}

/**
 * Asks the system, so that /etc/hosts and search domains count. Where a name has addresses of both families only the
 * IPv4 ones are taken: a pod with one of each is one backend, not two.
 */
export const resolveBySystem: Resolver = async (host) => {
  const found = await lookup(host, { all: true });
  const ipv4 = found.filter(({ family }) => family === 4);
  return (ipv4.length > 0 ? ipv4 : found).map(({ address }) => address);
};

/** "host:port" with IPv6 in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
