import { codeAt } from './characters.ts';

/**
 * Byte strings: SIP text inside the product is a JavaScript string in which each character is one byte as received.
 * These two functions are the way to and from text for people.
 */

/** Human text of a byte string: its bytes read as UTF-8, with U+FFFD for what is no UTF-8. */
export function decodeUtf8(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'latin1').toString('utf8');
}

/** The byte string of human text: its UTF-8 bytes, one character each. */
export function encodeUtf8(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1');
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) {
    if (codeAt(text, index) > 0x7f) return false;
  }
  return true;
}
