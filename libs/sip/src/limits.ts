/**
 * Everything bounded, and why. A message beyond a limit is refused with the status named here; a limit never cuts text.
 * All work on a message grows linearly with its size, so the limits bound memory and what reaches the stores.
 */
export const limits = {
  /** One message in bytes: what a UDP datagram can hold at most (RFC 3261 §18.1.1). Beyond it 513. */
  messageBytes: 65_535,
  /** The start line in bytes: a Request-URI with embedded headers stays far below. Beyond it 414. */
  startLineBytes: 8_192,
  /**
   * One row of a header known here, in bytes: such rows are stored or echoed, and the longest seen in the field are
   * Authorization rows with a bearer token of a few KiB. Rows of unknown headers are bounded by the message. Beyond it 513.
   */
  headerRowBytes: 8_192,
  /** Header rows: the longest real messages have about 80; each row costs a few words of memory. Beyond it 400. */
  headerRows: 512,
  /** Via values: a request starts with Max-Forwards 70 (RFC 3261 §8.1.1.6), so 70 hops and the sender. Beyond it 400. */
  vias: 71,
  /** Contact values in one REGISTER: bulk registrars send tens; bindings per AOR are limited far below. Beyond it 400. */
  contacts: 100,
  /** Values of any other list header, such as Supported, Path and Route. Beyond it 400. */
  listValues: 256,
  /** Parameters of one value: contacts with all capabilities of RFC 3840 have about 20. Beyond it 400. */
  params: 64,
} as const;
