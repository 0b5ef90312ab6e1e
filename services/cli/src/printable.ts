import { decodeUtf8 } from '@rollcall/sip';

/**
 * Text from the network as a terminal may show it: read as UTF-8, with U+FFFD for each control character. A phone that
 * registers an escape sequence must not reach the terminal of whoever looks it up.
 *
 * @param bytes a byte string
 */
export function printable(bytes: string): string {
  return withoutControls(decodeUtf8(bytes));
}

/** The same for text that is no byte string any more. */
export function withoutControls(text: string): string {
  return text.replace(/\p{Cc}|\p{Cf}/gu, '\u{fffd}');
}
