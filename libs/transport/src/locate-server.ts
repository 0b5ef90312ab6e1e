import { isIP } from 'node:net';
import type { SipUri } from '@rollcall/sip';
import type { TransportName } from './flow.ts';
import { inNaptrOrder, inSrvOrder, type ServerRecords } from './server-records.ts';

/** One place to send a request to. */
export interface NextHop {
  readonly transport: TransportName;
  /** An IP literal, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What a client brings along. */
export interface LocateOptions {
  readonly records: ServerRecords;
  /** The transports that the client speaks, the one it prefers first. */
  readonly transports: readonly TransportName[];
  /** From 0 up to 1: draws among SRV records of equal priority. */
  readonly random?: () => number;
}

/** Most places named: who publishes more is served by the first of them. */
const mostHops = 12;

/** Services of RFC 3263 §4.1, RFC 7118 §7 and RFC 4168. */
const naptrServices: Readonly<Record<string, TransportName>> = {
  'SIP+D2U': 'udp',
  'SIP+D2T': 'tcp',
  'SIPS+D2T': 'tls',
  'SIP+D2W': 'ws',
  'SIPS+D2W': 'wss',
};

const srvPrefixes: Readonly<Record<TransportName, string>> = {
  udp: '_sip._udp',
  tcp: '_sip._tcp',
  tls: '_sips._tcp',
  ws: '_sip._ws',
  wss: '_sips._ws',
};

/**
 * Where a request for a URI may go, in the order to try them: the next one when a place does not answer, or says 503 (RFC 3263
 * section 4.3). Empty where there is none: no address, or no transport that both ends speak, or a sips URI without TLS.
 *
 * An IP literal costs no question. A port written down costs no SRV; a transport written down no NAPTR.
 *
 * @throws what `records` throws where the DNS does not answer
 */
export async function locateServer(uri: SipUri, options: LocateOptions): Promise<NextHop[]> {
  const host = param(uri, 'maddr') ?? uri.host;
  const literal = ipLiteral(host);
  const asked = param(uri, 'transport');
  const usable = options.transports.filter((transport) => uri.scheme === 'sip' || isSecure(transport));
  if (asked !== undefined || literal !== undefined || uri.port !== undefined) {
    const transport = asked === undefined ? plainTransport(uri) : transportOf(asked, uri);
    if (transport === undefined || !usable.includes(transport)) return [];
    if (literal !== undefined)
      return [{ transport, host: literal, port: uri.port ?? defaultPort(transport) }];
    if (uri.port !== undefined) return await atAddresses(host, transport, uri.port, options);
    const found = await atServices(`${srvPrefixes[transport]}.${host}`, transport, options);
    return found ?? (await atAddresses(host, transport, defaultPort(transport), options));
  }
  return await byName(host, uri, usable, options);
}

/** Section 4.1: NAPTR says the transport; without it SRV of each; without any, the address. */
async function byName(
  host: string,
  uri: SipUri,
  usable: readonly TransportName[],
  options: LocateOptions,
): Promise<NextHop[]> {
  const services = inNaptrOrder(await options.records.naptr(host)).flatMap(
    ({ flags, service, replacement }) => {
      const transport = naptrServices[service.toUpperCase()];
      const good = flags.toLowerCase() === 's' && transport !== undefined && usable.includes(transport);
      return good ? [{ transport, name: replacement }] : [];
    },
  );
  const questions =
    services.length > 0
      ? services
      : usable.map((transport) => ({ transport, name: `${srvPrefixes[transport]}.${host}` }));
  const hops: NextHop[] = [];
  for (const { transport, name } of questions) {
    if (hops.length >= mostHops) break;
    hops.push(...((await atServices(name, transport, options)) ?? []));
  }
  if (hops.length > 0) return hops.slice(0, mostHops);
  const transport = plainTransport(uri);
  if (services.length > 0 || !usable.includes(transport)) return [];
  return await atAddresses(host, transport, defaultPort(transport), options);
}

/** The places of an SRV name; undefined where there are no such records. */
async function atServices(
  name: string,
  transport: TransportName,
  options: LocateOptions,
): Promise<NextHop[] | undefined> {
  const records = await options.records.srv(name);
  if (records.length === 0) return undefined;
  const hops: NextHop[] = [];
  for (const record of inSrvOrder(records, options.random ?? Math.random)) {
    // "." says that the service is decidedly not available (RFC 2782).
    if (record.name === '' || record.name === '.') continue;
    if (hops.length >= mostHops) break;
    hops.push(...(await atAddresses(record.name, transport, record.port, options)));
  }
  return hops.slice(0, mostHops);
}

async function atAddresses(
  name: string,
  transport: TransportName,
  port: number,
  { records }: LocateOptions,
): Promise<NextHop[]> {
  const addresses = await records.addresses(name);
  return addresses.slice(0, mostHops).map((host) => ({ transport, host, port }));
}

/** Where nothing says otherwise: UDP, and for sips TLS over TCP (section 4.1). */
function plainTransport(uri: SipUri): TransportName {
  return uri.scheme === 'sips' ? 'tls' : 'udp';
}

/** The transport parameter; with sips, tcp means TLS over it (RFC 3261 section 26.2.2). */
function transportOf(asked: string, uri: SipUri): TransportName | undefined {
  const name = asked.toLowerCase();
  if (uri.scheme === 'sips')
    return name === 'ws' || name === 'wss' ? 'wss' : name === 'udp' ? undefined : 'tls';
  return Object.hasOwn(srvPrefixes, name) ? (name as TransportName) : undefined;
}

function isSecure(transport: TransportName): boolean {
  return transport === 'tls' || transport === 'wss';
}

function defaultPort(transport: TransportName): number {
  if (transport === 'ws') return 80;
  if (transport === 'wss') return 443;
  return transport === 'tls' ? 5061 : 5060;
}

function param(uri: SipUri, name: string): string | undefined {
  return uri.params.find((each) => each.name === name)?.value;
}

function ipLiteral(host: string): string | undefined {
  const plain = host.startsWith('[') ? host.slice(1, -1) : host;
  return isIP(plain) === 0 ? undefined : plain;
}
