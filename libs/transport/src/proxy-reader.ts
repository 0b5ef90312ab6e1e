import type { Socket } from 'node:net';
import type { HostPort } from './host-port.ts';
import { type ProxyHeaderFault, readProxyHeader } from './proxy-header.ts';

/** Why a connection that must begin with a header of the PROXY protocol was closed. */
export type ProxyError = ProxyHeaderFault | 'incomplete' | 'timeout';

/** Who may, and must, say whom a connection is for. */
export interface ProxyTrust {
  /** Whether connections from this address (an IP literal, IPv4 where it is mapped) begin with a header. */
  trusts(host: string): boolean;
  /** A connection from there was closed for want of a good header. `peer` is the proxy. */
  onError?(error: ProxyError, peer: HostPort): void;
}

const NOTHING = Buffer.alloc(0);

/**
 * Takes the header off a socket that was just accepted, and leaves what follows it in the socket, for TLS or whoever reads
 * next. `done` is called once: with the client (undefined: the proxy itself), with why there is none, or with `gone` where
 * the peer left without a byte, as load balancers do that only look whether somebody listens.
 */
export function takeProxyHeader(
  socket: Socket,
  timeoutMs: number,
  done: (outcome: { client: HostPort | undefined } | ProxyError | 'gone') => void,
): void {
  let seen: Buffer = NOTHING;
  const finish = (outcome: Parameters<typeof done>[0]): void => {
    clearTimeout(timer);
    socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
    done(outcome);
  };
  // By 'readable', not by 'data': only so does nothing flow between two readers.
  const onReadable = (): void => {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
    const header = readProxyHeader(seen);
    if (header === 'more') return;
    if (typeof header === 'string') return finish(header);
    if (seen.length > header.length) socket.unshift(seen.subarray(header.length));
    finish({ client: header.client });
  };
  const onEnd = (): void => finish(seen.length === 0 ? 'gone' : 'incomplete');
  const timer = setTimeout(() => finish('timeout'), timeoutMs).unref();
  socket.on('readable', onReadable).once('end', onEnd).once('close', onEnd);
}
