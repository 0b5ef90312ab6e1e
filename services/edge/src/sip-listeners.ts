import { isIPv4, isIPv6 } from 'node:net';
import { type Clock, ListenError, type Logger, type Metrics } from '@rollcall/runtime';
import {
  type CertificateFacts,
  createTransportStats,
  DEFAULT_STREAM_LIMITS,
  type Flow,
  type FlowTable,
  formatHostPort,
  type HostPort,
  type Listener,
  listenTcp,
  listenTls,
  listenUdp,
  listenUdpWildcard,
  listenWebSocket,
  type MessageSink,
  needsUdpWildcard,
  TlsAcceptor,
  type TransportName,
  type TransportStats,
  WebSocketAcceptor,
} from '@rollcall/transport';
import type { EdgePolicyConfig } from './config.ts';
import { proxyTrust } from './proxy-networks.ts';
import { answerStun } from './stun.ts';
import { describeCertificates, readTlsFiles, TlsFiles, type TlsPaths, warnOfEnded } from './tls-files.ts';
import { exposeTls, followHandshakes } from './tls-metrics.ts';

/** One way of opening a listener, and the variable that asks for it. */
interface Opening {
  readonly variable: string;
  readonly transport: TransportName;
  readonly addresses: readonly HostPort[];
  open(address: HostPort): Promise<Listener>;
}

/** Everything that listens for SIP. */
export interface SipListeners {
  readonly listeners: readonly Listener[];
  close(): Promise<void>;
}

/** What the listeners need. */
export interface SipListenersParts {
  readonly config: EdgePolicyConfig;
  readonly sink: MessageSink;
  readonly flows: FlowTable;
  readonly stats: ReadonlyMap<TransportName, TransportStats>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** The transports that a configuration asks for. */
export function transportsOf(config: EdgePolicyConfig): TransportName[] {
  const asked: readonly (readonly [TransportName, readonly HostPort[]])[] = [
    ['udp', config.udpListen],
    ['tcp', config.tcpListen],
    ['tls', config.tlsListen],
    ['ws', config.wsListen],
    ['wss', config.wssListen],
  ];
  return asked.filter(([, addresses]) => addresses.length > 0).map(([transport]) => transport);
}

/**
 * Opens all sockets for SIP.
 *
 * @throws ListenError where an address cannot be had; sockets opened before are closed
 */
export async function openSipListeners(parts: SipListenersParts): Promise<SipListeners> {
  const { config } = parts;
  const tls = config.tlsListen.length + config.wssListen.length > 0 ? openTls(parts) : undefined;
  const opened: Listener[] = [];
  const close = async () => {
    tls?.close();
    await Promise.all(opened.map((listener) => listener.close()));
  };
  for (const { variable, addresses, open } of openings(parts, tls)) {
    for (const address of addresses) {
      try {
        opened.push(await open(address));
      } catch (error) {
        await close();
        throw new ListenError(variable, formatHostPort(address), error);
      }
    }
  }
  return { listeners: opened, close };
}

function openings(
  { config, sink, flows, stats, clock, logger }: SipListenersParts,
  tls: Tls | undefined,
): Opening[] {
  const limits = {
    connections: config.maxConnections,
    connectionsPerSource: config.maxConnectionsPerSource,
  };
  const of = (transport: TransportName, address: HostPort, all: readonly HostPort[]) => ({
    flows,
    limits,
    stats: stats.get(transport) ?? createTransportStats(),
    ipv6Only: leavesIpv4(address, all),
  });
  /** What a listener of streams has besides. */
  const at = (transport: TransportName, address: HostPort, all: readonly HostPort[]) => {
    const { port } = address;
    const proxies = proxyTrust({ networks: config.proxyNetworks, transport, port, clock, logger });
    return { ...of(transport, address, all), ...(proxies === undefined ? {} : { proxies }) };
  };
  const openUdp = async (address: HostPort) => {
    const asked = config.udpReceiveBufferBytes;
    const options = { ...of('udp', address, config.udpListen), onStun, recvBufferBytes: asked };
    const listen = needsUdpWildcard(address.host) ? listenUdpWildcard : listenUdp;
    const listener = await listen(address, sink, options);
    const granted = listener.recvBufferBytes;
    if (granted < asked)
      logger.warn(
        { listener: formatHostPort(listener.address), asked, granted },
        'the system allows a smaller UDP receive buffer: raise net.core.rmem_max of the node, or lower EDGE_UDP_RECEIVE_BUFFER',
      );
    return listener;
  };
  const webSocket = new WebSocketAcceptor({
    messageBytes: DEFAULT_STREAM_LIMITS.messageBytes,
    origins: config.wsOrigins,
    ...(config.wsPath === '' ? {} : { path: config.wsPath }),
  });
  const openings: Opening[] = [
    {
      variable: 'EDGE_UDP_LISTEN',
      transport: 'udp',
      addresses: config.udpListen,
      open: (address) => openUdp(address),
    },
    {
      variable: 'EDGE_TCP_LISTEN',
      transport: 'tcp',
      addresses: config.tcpListen,
      open: (address) => listenTcp(address, sink, at('tcp', address, config.tcpListen)),
    },
    {
      variable: 'EDGE_WS_LISTEN',
      transport: 'ws',
      addresses: config.wsListen,
      open: (address) => listenWebSocket(address, sink, { webSocket }, at('ws', address, config.wsListen)),
    },
  ];
  if (tls === undefined) return openings;
  return [
    ...openings,
    {
      variable: 'EDGE_TLS_LISTEN',
      transport: 'tls',
      addresses: config.tlsListen,
      open: (address) => listenTls(address, sink, tls.forPeers, at('tls', address, config.tlsListen)),
    },
    {
      variable: 'EDGE_WSS_LISTEN',
      transport: 'wss',
      addresses: config.wssListen,
      open: (address) =>
        listenWebSocket(
          address,
          sink,
          { webSocket, tls: tls.forBrowsers },
          at('wss', address, config.wssListen),
        ),
    },
  ];
}

/** Both sides of TLS: who connects with a browser is not asked for a certificate, since it would ask its user. */
interface Tls {
  readonly forPeers: TlsAcceptor;
  readonly forBrowsers: TlsAcceptor;
  close(): void;
}

function openTls({ config, clock, logger, metrics }: SipListenersParts): Tls {
  const { tlsCertFiles: cert, tlsKeyFiles: key, tlsClientCaFile: clientCa, tlsClientCertificates } = config;
  const paths: TlsPaths = { cert, key, clientCa };
  const { identity } = readTlsFiles(paths);
  const asked = transportsOf(config).filter((transport) => transport === 'tls' || transport === 'wss');
  const certificates = (): readonly CertificateFacts[] => forPeers.certificates;
  const counted = exposeTls(metrics, certificates);
  const handshakesOf = followHandshakes(metrics, asked);
  const observers = new Map(asked.map((transport) => [transport, handshakesOf(transport)]));
  const forPeers = new TlsAcceptor(
    identity,
    clientCa === '' ? 'none' : tlsClientCertificates,
    observers.get('tls'),
  );
  const forBrowsers = new TlsAcceptor({ keyPairs: identity.keyPairs }, 'none', observers.get('wss'));
  logger.info({ certificates: describeCertificates(certificates()) }, 'TLS certificate read');
  warnOfEnded(certificates(), clock, logger);
  const files = new TlsFiles({
    paths,
    certificates,
    replace: (next) => {
      forPeers.replace(next);
      forBrowsers.replace({ keyPairs: next.keyPairs });
    },
    onReload: counted.reloaded,
    clock,
    logger,
  });
  return { forPeers, forBrowsers, close: () => files.close() };
}

/** Whether another listener of the transport has the IPv4 that [::] would take as well. */
function leavesIpv4({ host, port }: HostPort, all: readonly HostPort[]): boolean {
  return isIPv6(host) && all.some((other) => isIPv4(other.host) && other.port === port);
}

/** A phone that keeps its NAT open learns its address (RFC 5626 §8). */
function onStun(bytes: Buffer, flow: Flow): void {
  const answer = answerStun(bytes, flow.remote);
  if (answer !== undefined) flow.send(answer);
}
