import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that Linux gives to sockets which ask for any: none of those takes one before it is used. */
const range = { first: 10_000, last: 31_999 };

/** Processes that look for ports at the same time begin at different ones. */
let next = range.first + Math.floor(Math.random() * (range.last - range.first));

/** A port on 127.0.0.1 that is free for TCP and UDP now, and that this process hands out once. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = next;
    next = port === range.last ? range.first : port + 1;
    if ((await isFreeForTcp(port)) && (await isFreeForUdp(port))) return port;
  }
}

async function isFreeForTcp(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => resolve(true));
  });
  if (!free) return false;
  server.close();
  await once(server, 'close');
  return true;
}

async function isFreeForUdp(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  const free = await new Promise<boolean>((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => resolve(true));
  });
  socket.close();
  return free;
}
