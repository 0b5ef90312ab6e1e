import { type HostPort, parseHostPort } from '@rollcall/transport';

/** The port of SIP over UDP and TCP (RFC 3261 §19.1.2). */
const sipPort = 5060;

/**
 * Reads where SIP requests go: "host", "host:port", "[::1]" or "[::1]:port".
 *
 * @throws TypeError that says what is wrong
 */
export function parseServer(text: string): HostPort {
  const hasPort = text.startsWith('[') ? text.includes(']:') : text.includes(':');
  const server = parseHostPort(hasPort ? text : `${text}:${sipPort}`);
  if (server.port === 0) throw new TypeError(`"${text}" has no valid port: 1 to 65535 are allowed`);
  return server;
}
