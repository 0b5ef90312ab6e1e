/** Where the messages of a transaction go: the port to the transport layer. */
export interface ReplyPath {
  /** True for TCP, TLS and WebSocket: nothing is retransmitted and no repetition is waited for. */
  readonly reliable: boolean;
  /** What responses made here say in their top Via (RFC 3261 §18.2.1, RFC 3581 §4); absent: nothing is added. */
  readonly received?: string | undefined;
  readonly rport?: number | undefined;
  /** Sends one whole message. A throw counts as a transport error (RFC 3261 §17.2.4). */
  send(bytes: Buffer): void;
}
