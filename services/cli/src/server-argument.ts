import { type HostPort, parseHostPort } from '@rollcall/transport';
import type { ClientTransport } from './client-transports.ts';

/** RFC 3261 §19.1.2 for UDP, TCP and TLS; RFC 7118 has none, these are what the product's docs say. */
const usualPorts: Readonly<Record<ClientTransport, number>> = {
  udp: 5060,
  tcp: 5060,
  tls: 5061,
  ws: 5066,
  wss: 7443,
};

/**
 * Reads where SIP requests go: "host", "host:port", "[::1]" or "[::1]:port". Port 0: none is named; `locate` finds one.
 *
 * @throws TypeError that says what is wrong
 */
export function parseServer(text: string): HostPort {
  const hasPort = text.startsWith('[') ? text.includes(']:') : text.includes(':');
  if (!hasPort) return parseHostPort(`${text}:0`);
  const server = parseHostPort(text);
  if (server.port === 0) throw new TypeError(`"${text}" has no valid port: 1 to 65535 are allowed`);
  return server;
}

/** The server with a port: its own, or the usual one of the transport. */
export function withPort(server: HostPort, transport: ClientTransport): HostPort {
  return server.port === 0 ? { host: server.host, port: usualPorts[transport] } : server;
}
