/** Bounds of the batched streams and their servers, each with its reason. */
export const limits = {
  /** Items of one message: beyond about a hundred the cost per item falls no further, and the first one waits longer. */
  batchItems: 128,
  /**
   * Messages of a method leave so far apart while answers are under way: each costs as much as 20 items, whatever is in
   * it, and at 4,000/s one turn of the event loop brings two or three.
   */
  paceMs: 4,
  /** Bytes of one message; a larger batch is sent as several. */
  batchBytes: 1024 * 1024,
  /** The largest message accepted: one item may hold a whole SIP message of 64 KiB, several times over. */
  messageBytes: 4 * 1024 * 1024,
  /** HTTP/2 window: a few full batches may be under way before the reader says "go on". */
  flowControlWindowBytes: 4 * 1024 * 1024,
  /** Items in flight on one stream. At 5,000/s it is reached when a backend has been silent for most of a second. */
  inFlight: 4096,
  /** How long a call waits for a backend where none is ready: long enough for a reconnect, short enough to fail fast. */
  noBackendGraceMs: 250,
  /** How often deadlines are looked at: a call ends at most so much later than its deadline. */
  sweepMs: 25,
  /** How often a target's name is resolved: a new pod gets traffic within two of these. */
  resolveEveryMs: 2000,
  /** The same while nothing was found yet. */
  resolveFirstMs: 250,
  /** How long a lookup of a name may take before it is given up. */
  resolveTimeoutMs: 5000,
  /** How long a TLS handshake may take, on either side. */
  handshakeTimeoutMs: 5000,
  /** How long a backend that left the name keeps its channel, for the calls under way. */
  retireMs: 10_000,
  /** What a refused caller is told to wait. */
  retryAfterMs: 1000,
} as const;
