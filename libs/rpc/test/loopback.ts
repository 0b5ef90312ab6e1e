import { connect, createServer, type Socket } from 'node:net';
import type { CallContext, RedirectCalls, ResolveRequest, ResolveResponse } from '../src/index.ts';
import { redirectService, type ServeOptions, serveGrpc } from '../src/index.ts';

/** Real time: these tests run real gRPC. */
export const clock = {
  nowMs: () => Date.now(),
  after(delayMs: number, run: () => void) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** A call that is given two seconds. */
export const unhurried: CallContext = { timeoutMs: 2000, traceparent: '' };

/** A request that the servers of these tests tell by its URI. */
export function requestFor(requestUri: string): ResolveRequest {
  return {
    requestUri,
    method: 'INVITE',
    flow: undefined,
    acceptContact: [],
    rejectContact: [],
    requestDisposition: [],
  };
}

/** An answer that says which server gave it. */
export function answerFrom(server: string): ResolveResponse {
  return {
    outcome: {
      $case: 'refused',
      value: { status: 480, reasonPhrase: server, retryAfterSec: 0, warning: '' },
    },
  };
}

/** Which server gave the answer. */
export function giverOf(response: ResolveResponse): string {
  return response.outcome?.$case === 'refused' ? response.outcome.value.reasonPhrase : '';
}

/** A redirect server on a port of its own, by default one that answers at once with its name. */
export async function startServer(
  name: string,
  options: Partial<ServeOptions> & { resolve?: RedirectCalls['resolve']; listen?: string } = {},
) {
  const asked: string[] = [];
  const resolve: RedirectCalls['resolve'] =
    options.resolve ?? ((_request, _context) => Promise.resolve(answerFrom(name)));
  const calls: RedirectCalls = {
    resolve: (request, context) => {
      asked.push(request.requestUri);
      return resolve(request, context);
    },
  };
  const server = await serveGrpc(options.listen ?? '127.0.0.1:0', [redirectService(calls)], {
    clock,
    ...options,
  });
  return { server, asked };
}

/** A TCP link in front of a server that can be cut, as a cable is. */
export async function openLink(host: string, port: number, serverPort: number) {
  const sockets = new Set<Socket>();
  let accepted = 0;
  let paused = false;
  const listener = createServer((near) => {
    accepted += 1;
    const far = connect(serverPort, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('data', (bytes: Buffer) => {
        other.write(bytes);
      });
      if (paused) socket.pause();
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(port, host, resolve));
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    /** How many connections were made so far. */
    accepted: () => accepted,
    /** Carries nothing, either way, until resumed; connections stay. */
    pause: () => {
      paused = true;
      for (const socket of sockets) socket.pause();
    },
    resume: () => {
      paused = false;
      for (const socket of sockets) socket.resume();
    },
    /** Breaks all connections and accepts no more. */
    cut: () => {
      listener.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

/** A promise that others settle. */
export function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Waits until something has come true, looking after each turn of the event loop. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 5));
}
