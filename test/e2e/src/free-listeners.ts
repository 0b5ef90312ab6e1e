import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findFreePort } from '@rollcall/testkit';

/** The most HTTP servers that a script starts: the first is at HTTP_LISTEN, the others at the ports that follow. */
const httpServers = 5;

/**
 * Chooses a port that is free for each listener, and for HTTP_LISTEN one that free ones follow.
 *
 * @param names variables such as EDGE_UDP_LISTEN, HTTP_LISTEN among them
 */
export async function choosePorts(names: readonly string[]): Promise<Record<string, number>> {
  const chosen: Record<string, number> = {};
  for (const name of names) chosen[name] = await findFreePort();
  const others = Object.entries(chosen).flatMap(([name, port]) => (name === 'HTTP_LISTEN' ? [] : [port]));
  const usable = async (port: number) => !others.includes(port) && (await isFree(port));
  while (!(await Promise.all(httpPorts(chosen.HTTP_LISTEN).map(usable))).every(Boolean)) {
    chosen.HTTP_LISTEN = await findFreePort();
  }
  return chosen;
}

/** The ports of the HTTP servers. */
export function httpPorts(first = 0): number[] {
  return Array.from({ length: httpServers }, (_, index) => first + index);
}

/** Whether nobody listens there, on neither UDP nor TCP. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  const socket = createSocket('udp4').bind(port, '127.0.0.1');
  const outcomes = await Promise.allSettled([once(server, 'listening'), once(socket, 'listening')]);
  if (server.listening) {
    server.close();
    await once(server, 'close');
  }
  socket.close();
  return outcomes.every(({ status }) => status === 'fulfilled');
}
