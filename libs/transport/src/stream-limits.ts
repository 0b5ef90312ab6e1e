import { DEFAULT_MAX_MESSAGE_BYTES } from './stream-framer.ts';

/** What a stream peer may use of memory and time. */
export interface StreamLimits {
  /** Open connections of one listener, those in their handshakes too. Beyond it new ones are closed at once. */
  readonly connections: number;
  /**
   * Open connections from one address. As many as in all by default: behind a load balancer that does not keep sources, and
   * behind a carrier's NAT, whole cities have one.
   */
  readonly connectionsPerSource: number;
  /** One message, head and body. Also bounds what is buffered while reading. Beyond it 513, then close. */
  readonly messageBytes: number;
  /** Bytes written that the peer has not taken. Beyond it the connection is closed: it does not read. */
  readonly writeQueueBytes: number;
  /** From the connection's start to the end of its PROXY header, where a proxy must send one: it does so at once. */
  readonly proxyHeaderTimeoutMs: number;
  /** From the connection's start to the end of its handshakes: TLS, and the WebSocket's. */
  readonly handshakeTimeoutMs: number;
  /** From the end of its handshakes to its first whole message; keep-alives do not count. */
  readonly firstMessageTimeoutMs: number;
  /** From the first byte of a message to its last: a slow-loris holds memory no longer than this. */
  readonly messageTimeoutMs: number;
  /**
   * From the last whole message or keep-alive. Longer than the longest binding by default, since a phone without keep-alives
   * says nothing between two refreshes; peers that vanished are found by TCP keep-alive.
   */
  readonly idleTimeoutMs: number;
  /**
   * Answers still due may leave for so long after the peer has said that it sends no more, after a last word to it, or after we
   * have decided to close.
   */
  readonly lingerMs: number;
  /** Silence after which the system asks whether the peer is there (SO_KEEPALIVE). */
  readonly tcpKeepAliveMs: number;
}

export const DEFAULT_STREAM_LIMITS: StreamLimits = {
  connections: 50_000,
  connectionsPerSource: 50_000,
  messageBytes: DEFAULT_MAX_MESSAGE_BYTES,
  writeQueueBytes: 512 * 1024,
  proxyHeaderTimeoutMs: 5_000,
  handshakeTimeoutMs: 10_000,
  firstMessageTimeoutMs: 30_000,
  messageTimeoutMs: 15_000,
  idleTimeoutMs: 7_500_000,
  lingerMs: 1_000,
  tcpKeepAliveMs: 60_000,
};

/** Time limits are looked at this often: at least every second, and four times within the shortest one. */
export function sweepIntervalMs(limits: StreamLimits): number {
  const shortest = Math.min(
    limits.handshakeTimeoutMs,
    limits.firstMessageTimeoutMs,
    limits.messageTimeoutMs,
    limits.idleTimeoutMs,
    limits.lingerMs,
  );
  return Math.max(10, Math.min(1_000, Math.floor(shortest / 4)));
}
