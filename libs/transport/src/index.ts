export {
  type ClientConnection,
  type ClientConnectionOptions,
  type ClientTrust,
  openClientConnection,
} from './client-connection.ts';
export { type DatagramOutcome, DatagramSender } from './datagram-sender.ts';
export { dnsRecords } from './dns-records.ts';
export type { Flow, Listener, MessageSink, TransportName } from './flow.ts';
export { FlowTable } from './flow-table.ts';
export { type HandshakeFailure, handshakeFailures } from './handshake-failure.ts';
export { formatHostPort, type HostPort, parseHostPort } from './host-port.ts';
export { type LocateOptions, locateServer, type NextHop } from './locate-server.ts';
export { type CertificateNames, peerDomainsOf, provesDomain } from './peer-domains.ts';
export type { ProxyError, ProxyTrust } from './proxy-reader.ts';
export { type ResponseTarget, reconnectTarget, responseTarget } from './response-target.ts';
export type { ServerRecords } from './server-records.ts';
export { DEFAULT_STREAM_LIMITS, type StreamLimits } from './stream-limits.ts';
export type { StreamListener, StreamOptions } from './stream-listener.ts';
export { listenTcp, type TcpListener } from './tcp-listener.ts';
export { type ClientCertificates, type HandshakeObserver, TlsAcceptor } from './tls-acceptor.ts';
export {
  type CertificateFacts,
  checkClientCa,
  checkKeyPair,
  type TlsIdentity,
  type TlsKeyPair,
} from './tls-identity.ts';
export { listenTls } from './tls-listener.ts';
export {
  type CloseReason,
  createTransportStats,
  type DropReason,
  type TransportStats,
} from './transport-stats.ts';
export { listenUdp, type UdpListener, type UdpOptions } from './udp-listener.ts';
export {
  isWildcard,
  listenUdpWildcard,
  needsUdpWildcard,
  type UdpWildcard,
  type UdpWildcardOptions,
} from './udp-wildcard.ts';
export { WebSocketAcceptor, type WebSocketPolicy } from './websocket-acceptor.ts';
export { listenWebSocket } from './websocket-listener.ts';
