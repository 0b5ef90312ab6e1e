import { clientTransports } from './client-transports.ts';
import type { ProbeWay } from './probe-round.ts';
import { parseServer, withPort } from './server-argument.ts';

/**
 * Reads a way to a server: "udp:sip.example.com", "tcp:[::1]:5060".
 *
 * @throws TypeError that says what is wrong
 */
export function parseWay(text: string): ProbeWay {
  const colon = text.indexOf(':');
  const transport = clientTransports.find((each) => each === text.slice(0, Math.max(colon, 0)));
  if (transport === undefined) {
    throw new TypeError(
      `"${text}" must begin with a transport (${clientTransports.join(', ')}) and a colon, for example udp:127.0.0.1:5060`,
    );
  }
  return { transport, server: withPort(parseServer(text.slice(colon + 1)), transport) };
}
