import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { HostPort } from '@rollcall/transport';
import { ConformanceFailure } from './expectations.ts';

/** A datagram, and who sent it. */
export interface Datagram {
  readonly text: string;
  readonly from: HostPort;
}

/** A UDP socket that shows where datagrams come from. Texts are byte strings. */
export interface RawUdp {
  readonly local: HostPort;
  send(text: string, to: HostPort): void;
  /** The next datagram. */
  next(timeoutMs?: number): Promise<Datagram>;
  /** What has arrived and was not read. */
  readonly unread: number;
  close(): Promise<void>;
}

/** A TCP connection, byte by byte. Texts are byte strings. */
export interface RawTcp {
  readonly local: HostPort;
  send(text: string): void;
  /** All that was received so far. */
  readonly received: string;
  /** Waits until what was received fulfils a condition, and returns it. */
  until(condition: (received: string) => boolean, what: string, timeoutMs?: number): Promise<string>;
  /** Waits until the other side has closed. */
  closedByPeer(timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

const defaultTimeoutMs = 5000;

export async function openRawUdp(local: Partial<HostPort>): Promise<RawUdp> {
  const host = local.host ?? '127.0.0.1';
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  const arrived: Datagram[] = [];
  let wake: (() => void) | undefined;
  let closing: Promise<void> | undefined;
  socket.on('message', (bytes, { address, port }) => {
    arrived.push({ text: bytes.toString('latin1'), from: { host: address, port } });
    wake?.();
  });
  socket.on('error', () => undefined);
  socket.bind(local.port ?? 0, host);
  await once(socket, 'listening');
  const { address, port } = socket.address();
  return {
    local: { host: address, port },
    send: (text, to) => socket.send(Buffer.from(text, 'latin1'), to.port, to.host, () => undefined),
    get unread() {
      return arrived.length;
    },
    next: async (timeoutMs = defaultTimeoutMs) => {
      await waitFor(
        () => arrived.length > 0,
        (run) => {
          wake = run;
        },
        'datagram',
        timeoutMs,
      );
      const first = arrived.shift();
      if (first === undefined) throw new ConformanceFailure('two readers of one socket');
      return first;
    },
    close: () => {
      closing ??= new Promise((resolve) => socket.close(() => resolve()));
      return closing;
    },
  };
}

export async function openRawTcp(server: HostPort): Promise<RawTcp> {
  const socket = connect({ host: server.host, port: server.port, allowHalfOpen: false });
  await once(socket, 'connect');
  socket.setNoDelay(true);
  let received = '';
  let closed = false;
  let wake: (() => void) | undefined;
  const wakeBy = (run: () => void) => {
    wake = run;
  };
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
    wake?.();
  });
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed = true;
    wake?.();
  });
  return {
    local: { host: socket.localAddress ?? '', port: socket.localPort ?? 0 },
    send: (text) => {
      socket.write(Buffer.from(text, 'latin1'));
    },
    get received() {
      return received;
    },
    until: async (condition, what, timeoutMs = defaultTimeoutMs) => {
      await waitFor(() => condition(received) || closed, wakeBy, what, timeoutMs);
      if (!condition(received)) throw new ConformanceFailure(`the connection was closed before ${what}`);
      return received;
    },
    closedByPeer: (timeoutMs = defaultTimeoutMs) =>
      waitFor(() => closed, wakeBy, 'end of the connection', timeoutMs),
    close: async () => {
      socket.destroy();
      await Promise.resolve();
    },
  };
}

async function waitFor(
  done: () => boolean,
  wakeBy: (run: () => void) => void,
  what: string,
  timeoutMs: number,
): Promise<void> {
  if (done()) return;
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new ConformanceFailure(`no ${what} within ${timeoutMs} ms`)),
      timeoutMs,
    );
    wakeBy(() => {
      if (!done()) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
