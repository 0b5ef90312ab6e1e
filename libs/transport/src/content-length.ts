const CR = 13;
const LF = 10;
const SPACE = 32;
const TAB = 9;
const COLON = 58;
const DIGIT_0 = 48;
const DIGIT_9 = 57;

/** The head has a Content-Length that is no number, or more than one of them. */
export const MALFORMED_LENGTH = -1;

/** Larger than any message; keeps the sum of digits from losing precision. */
const MUCH = 0xffff_ffff;

const NAME = Buffer.from('content-length', 'latin1');

/**
 * What Content-Length says in a head (start line, rows and the empty line, ended by CRLFs), without splitting the other rows.
 * 0 where it is absent; {@link MALFORMED_LENGTH} where its value is not a number or where it is given twice, even with the
 * same value: two readers may pick different ones, and a stream would be framed differently by them (RFC 4475 §3.3.9).
 *
 * Rows end at a CRLF that no white space follows (RFC 3261 §7.3.1), as in the parser; a bare CR or LF ends none.
 */
export function readContentLength(bytes: Buffer, start: number, end: number): number {
  let found = 0;
  let seen = false;
  let lineFeed = bytes.indexOf(LF, start);
  while (lineFeed >= 0 && lineFeed < end - 1) {
    const row = lineFeed + 1;
    if (bytes[lineFeed - 1] === CR && isLengthInitial(bytes[row] ?? 0)) {
      const value = valueOfLengthRow(bytes, row);
      if (value >= 0) {
        if (seen) return MALFORMED_LENGTH;
        seen = true;
        found = readNumber(bytes, value, end);
        if (found === MALFORMED_LENGTH) return MALFORMED_LENGTH;
      }
    }
    lineFeed = bytes.indexOf(LF, row);
  }
  return found;
}

/** Rows of other headers cost this one comparison: `c` or `l`, in either case. */
function isLengthInitial(byte: number): boolean {
  const lower = byte | 0x20;
  return lower === 0x63 || lower === 0x6c;
}

/** Offset behind the colon of `Content-Length` or its compact form `l`; -1 where the row is another header's. */
function valueOfLengthRow(bytes: Buffer, row: number): number {
  let at = row + 1;
  if (((bytes[row] ?? 0) | 0x20) === 0x63) {
    for (let index = 1; index < NAME.length; index += 1, at += 1) {
      const byte = bytes[at] ?? 0;
      // The hyphen has bit 5 set anyway, and CR, which would get it too, becomes no letter of the name.
      if ((byte | 0x20) !== NAME[index]) return -1;
    }
  }
  while (bytes[at] === SPACE || bytes[at] === TAB) at += 1;
  return bytes[at] === COLON ? at + 1 : -1;
}

/** The digits between white space, folds included; nothing else may stand in the row. */
function readNumber(bytes: Buffer, from: number, end: number): number {
  let at = skipWhiteSpace(bytes, from);
  const firstDigit = at;
  let value = 0;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte < DIGIT_0 || byte > DIGIT_9) break;
    value = value * 10 + (byte - DIGIT_0);
    if (value > MUCH) value = MUCH;
  }
  if (at === firstDigit) return MALFORMED_LENGTH;
  at = skipWhiteSpace(bytes, at);
  return bytes[at] === CR && bytes[at + 1] === LF ? value : MALFORMED_LENGTH;
}

/** Past spaces, tabs, and CRLFs that fold (RFC 3261 §25.1 LWS). */
function skipWhiteSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === SPACE || byte === TAB) at += 1;
    else if (byte === CR && bytes[at + 1] === LF && (bytes[at + 2] === SPACE || bytes[at + 2] === TAB))
      at += 3;
    else return at;
  }
}
