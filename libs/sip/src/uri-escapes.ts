import { codeAt, isHex, isUnreserved, peekAt, percent } from './characters.ts';

/** Value of the hexadecimal digit `code`, which is one. */
function hexValue(code: number): number {
  return code <= 0x39 ? code - 0x30 : (code | 0x20) - 0x57;
}

const upperHex = '0123456789ABCDEF';

/** A byte as %HH, upper case. */
export function escapeByte(code: number): string {
  return `%${upperHex[code >> 4] ?? ''}${upperHex[code & 15] ?? ''}`;
}

/** The byte that the escape at `at` stands for, or -1 where there is none. */
export function escapedByte(text: string, at: number): number {
  if (codeAt(text, at) !== percent) return -1;
  const high = peekAt(text, at + 1, text.length);
  const low = peekAt(text, at + 2, text.length);
  return isHex(high) && isHex(low) ? hexValue(high) * 16 + hexValue(low) : -1;
}

/** The text with each %HH decoded, exactly once: "%2561" becomes "%61". Byte string in, byte string out. */
export function unescapeUri(text: string): string {
  let at = text.indexOf('%');
  if (at < 0) return text;
  let plain = '';
  let from = 0;
  while (at >= 0) {
    const byte = escapedByte(text, at);
    if (byte >= 0) {
      plain += text.slice(from, at) + String.fromCharCode(byte);
      from = at + 3;
    }
    at = text.indexOf('%', byte >= 0 ? from : at + 1);
  }
  return plain + text.slice(from);
}

/**
 * The text in the form that equal texts share (RFC 3261 §19.1.4, RFC 2396 §2.2): escapes of characters that mean the
 * same escaped or not are decoded; all others stay escapes, in upper case. A percent sign stays escaped, or decoding
 * would not be exactly once.
 */
export function normaliseEscapes(text: string): string {
  let at = text.indexOf('%');
  if (at < 0) return text;
  let normal = '';
  let from = 0;
  while (at >= 0) {
    const byte = escapedByte(text, at);
    if (byte < 0) {
      at = text.indexOf('%', at + 1);
      continue;
    }
    normal +=
      text.slice(from, at) + (meansTheSameEscaped(byte) ? String.fromCharCode(byte) : escapeByte(byte));
    from = at + 3;
    at = text.indexOf('%', from);
  }
  return normal + text.slice(from);
}

/** All but "reserved" (RFC 2396 §2.2) and the percent sign: also what may stand unescaped only with liberal senders. */
function meansTheSameEscaped(byte: number): boolean {
  return isUnreserved(byte) || !isReservedOrPercent(byte);
}

function isReservedOrPercent(byte: number): boolean {
  return ';/?:@&=+$,%'.includes(String.fromCharCode(byte));
}
