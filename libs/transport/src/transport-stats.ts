import type { ProxyError } from './proxy-reader.ts';

/** Why a connection ended. */
export type CloseReason =
  | 'peer-closed'
  | 'peer-reset'
  | 'idle'
  | 'no-message'
  | 'slow-message'
  | 'slow-reader'
  | 'framing-error'
  | 'drain'
  | 'shutdown';

/** Why bytes that arrived, or that should have left, went nowhere. */
export type DropReason =
  | 'garbage'
  | 'too-short'
  | 'keep-alive'
  | 'stun'
  | 'stopped'
  | 'connection-limit'
  | 'source-limit'
  | 'handshake-failed'
  | 'handshake-timeout'
  | 'send-failed'
  | 'send-closed'
  | 'send-not-an-address';

/**
 * Counters of one or several listeners, all growing except `connectionsOpen`. Plain numbers: incremented on the hot path,
 * read whenever metrics are scraped. Bytes are those of the payload.
 */
export interface TransportStats {
  datagramsReceived: number;
  datagramsSent: number;
  bytesReceived: number;
  bytesSent: number;
  streamMessagesReceived: number;
  streamMessagesSent: number;
  /** CRLFs. */
  keepAlivesAnswered: number;
  /** Pings of WebSockets. */
  pingsAnswered: number;
  /** Messages of STUN that were handed on. */
  stunReceived: number;
  framingErrors: number;
  connectionsOpen: number;
  connectionsOpened: number;
  readonly connectionsClosed: Record<CloseReason, number>;
  readonly dropped: Record<DropReason, number>;
  /** Connections of proxies that were closed for want of a good PROXY header. */
  readonly proxyErrors: Record<ProxyError, number>;
}

/** Counters at zero. */
export function createTransportStats(): TransportStats {
  return {
    datagramsReceived: 0,
    datagramsSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    streamMessagesReceived: 0,
    streamMessagesSent: 0,
    keepAlivesAnswered: 0,
    pingsAnswered: 0,
    stunReceived: 0,
    framingErrors: 0,
    connectionsOpen: 0,
    connectionsOpened: 0,
    connectionsClosed: {
      'peer-closed': 0,
      'peer-reset': 0,
      idle: 0,
      drain: 0,
      'no-message': 0,
      'slow-message': 0,
      'slow-reader': 0,
      'framing-error': 0,
      shutdown: 0,
    },
    dropped: {
      garbage: 0,
      'too-short': 0,
      'keep-alive': 0,
      stun: 0,
      stopped: 0,
      'connection-limit': 0,
      'source-limit': 0,
      'handshake-failed': 0,
      'handshake-timeout': 0,
      'send-failed': 0,
      'send-closed': 0,
      'send-not-an-address': 0,
    },
    proxyErrors: {
      absent: 0,
      malformed: 0,
      'too-long': 0,
      'no-address': 0,
      incomplete: 0,
      timeout: 0,
    },
  };
}
