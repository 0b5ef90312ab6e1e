import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { parseUri, type SipUri } from '@rollcall/sip';
import { dnsRecords, type HostPort, locateServer, type ServerRecords } from '@rollcall/transport';
import type { ClientTransport } from './client-transports.ts';
import { withPort } from './server-argument.ts';

/** What locating asks; the system's own unless a test has others. */
export interface LocateSources {
  readonly records: Pick<ServerRecords, 'srv'>;
  /** An address of a name, from the hosts file or the DNS. Rejects where it has none. */
  readonly addressOf: (name: string) => Promise<string>;
}

const system: LocateSources = {
  records: dnsRecords(),
  // Servers that listen on 0.0.0.0 only are the usual ones, and "localhost" often means ::1 first.
  addressOf: async (name) => (await lookup(name, { order: 'ipv4first' })).address,
};

/**
 * Where to find a server, in the order to try it: a name without a port by the SRV records of the transport (RFC 3263 §4.2), else
 * its address, at the port that was named or the usual one of the transport. Rejects where the name has no address.
 */
export async function locate(
  server: HostPort,
  transport: ClientTransport,
  sources: LocateSources = system,
): Promise<HostPort[]> {
  // A name without a dot is of this machine or its network, and not published.
  if (server.port === 0 && isIP(server.host) === 0 && server.host.includes('.')) {
    const published = await placesOf(server.host, transport, sources);
    if (published.length > 0) return published;
  }
  const { host, port } = withPort(server, transport);
  return [{ host: await sources.addressOf(host), port }];
}

/** What SRV records of the transport name; nothing where there are none. */
async function placesOf(
  name: string,
  transport: ClientTransport,
  sources: LocateSources,
): Promise<HostPort[]> {
  const { records, addressOf } = sources;
  let isPublished = false;
  try {
    const hops = await locateServer(parseUri(uriOf(name, transport)) as SipUri, {
      transports: [transport],
      records: {
        naptr: async () => [],
        srv: async (service) => {
          const found = await records.srv(service);
          isPublished = found.length > 0;
          return found;
        },
        addresses: async (target) =>
          addressOf(target).then(
            (address) => [address],
            () => [],
          ),
      },
    });
    // Without records it names the name's own address at the port of RFC 7118, which for WebSockets is not the usual one here.
    return isPublished ? hops.map(({ host, port }) => ({ host, port })) : [];
  } catch {
    // A DNS that does not answer has no records: the hosts file may know the name.
    return [];
  }
}

/** tls and wss are what sips makes of tcp and ws (RFC 3261 §26.2.2, RFC 7118 §5.2). */
function uriOf(name: string, transport: ClientTransport): string {
  if (transport === 'tls') return `sips:${name};transport=tcp`;
  return transport === 'wss' ? `sips:${name};transport=ws` : `sip:${name};transport=${transport}`;
}
