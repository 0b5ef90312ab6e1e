import type { Framing, SipParseError } from '@rollcall/sip';
import type { HostPort } from './host-port.ts';
import type { CloseReason } from './transport-stats.ts';

/** How SIP messages travel; `wss` and `tls` are the secured ones. */
export type TransportName = 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';

/** A way to one peer: a UDP 5-tuple (without the peer's promise to be there), or one live connection. */
export interface Flow {
  readonly transport: TransportName;
  /** True where the transport retransmits by itself: timers G and J are then 0 (RFC 3261 §17.2). */
  readonly reliable: boolean;
  /**
   * How the end of a message is known: by its Content-Length alone (stream), or with its packet (datagram), which is one of
   * UDP or a WebSocket message; Content-Length may then be missing (RFC 7118 §5).
   */
  readonly framing: Framing;
  /** This end: the listener's address for UDP, the connection's own one otherwise. */
  readonly local: HostPort;
  /** The peer as its packets show it, after any NAT. IPv4-mapped addresses are shown as IPv4. */
  readonly remote: HostPort;
  /** Opaque, unique among all flows of this process and of its earlier runs; `FlowTable.find` takes it. At most 150 characters. */
  readonly flowToken: string;
  /** False once nothing can be sent any more. A UDP flow is open as long as its socket is. */
  readonly open: boolean;
  /**
   * The SIP domains that the peer has proved to be, in lower case: those of its certificate, which was asked for and is good
   * (RFC 5922 §7.1). Undefined where no certificate proves anything.
   */
  readonly peerDomains?: readonly string[];
  /**
   * Connections only: true where the peer has said that it sends no more, while answers are due. Nobody can tell whether it
   * still reads.
   */
  readonly peerEnded?: boolean;
  /** Sends one whole message. Never throws and never waits; what cannot be sent is counted in the stats. */
  send(bytes: Buffer): void;
  /**
   * Connections only: the peer has promised to send something at least so often, if only a keep-alive; longer silence ends
   * the flow as `idle` (RFC 5626 §5.4).
   */
  expectWithin?(silenceMs: number): void;
  /** UDP only: the same socket, another peer, which is an IP literal (RFC 3261 §18.2.2 without rport). */
  sendTo?(remote: HostPort, bytes: Buffer): void;
}

/** Who takes what arrives. Both calls are made in order of arrival; neither may throw. */
export interface MessageSink {
  /** One datagram without its leading CRLFs, or one whole message of a stream. The buffer is the sink's to keep. */
  onMessage(bytes: Buffer, flow: Flow): void;
  /**
   * The stream cannot be framed any further. The flow may be answered once (error.status says with what; undefined =
   * not at all) before this call returns; then it is closed. `head` is what is known of the message's start.
   */
  onFramingError(error: SipParseError, head: Buffer, flow: Flow): void;
  /** A connection was accepted or made. Not called for UDP. */
  onFlowOpened?(flow: Flow): void;
  /** A connection is gone; bindings reached through it are too (RFC 5626 §6). Not called for UDP. */
  onFlowClosed?(flow: Flow, reason: CloseReason): void;
  /** Bytes were handed to the socket: a message, an answer to a keep-alive or to STUN. For who makes copies. */
  onSent?(bytes: Buffer, way: Pick<Flow, 'transport' | 'local' | 'remote'>): void;
}

/** A connection as those see it who watch over its time. */
export interface Connection extends Flow {
  /** Bytes that the peer has not taken yet, beyond what the kernel holds. */
  readonly sendQueueBytes: number;
  /** Closes the connection if its time is over. */
  checkDeadline(nowMs: number): void;
  /**
   * Closes once nothing is owed: a message that has begun is read to its end and answered, for at most the linger time. A phone
   * that finds its connection closed opens another and registers again (RFC 5626 §4.5).
   */
  retire(reason: CloseReason): void;
  /** Closes at once; what is not sent yet is lost. */
  abort(reason: CloseReason): void;
}

/** A socket that takes messages or connections. */
export interface Listener {
  readonly transport: TransportName;
  /** The address bound, with the real port where 0 was asked for. */
  readonly address: HostPort;
  /** Connections only: bytes that peers have not taken yet, beyond what the kernel holds. */
  readonly sendQueueBytes?: number;
  /** Takes no new connection (streams) or request (UDP); what is open goes on and can be answered. */
  stop(): void;
  /**
   * Takes no new connection, and closes those that are open one by one, spread over the time, each once it is owed no answer.
   * Settles when none is left. Over UDP, where there are none, at once; requests are still taken.
   */
  drain(overMs: number): Promise<void>;
  /** Closes everything at once; settles when the socket is free. Safe to call twice. */
  close(): Promise<void>;
}
