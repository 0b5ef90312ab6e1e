import { codeAt, isDigit, matchesIgnoringCase, peekAt } from './characters.ts';

/**
 * True for version 2, "SIP/2.0" in any case: RFC 3261 §7.1 takes the rules of HTTP, by which other minor numbers are
 * compatible.
 */
export function isSip2(text: string, from: number, end: number): boolean {
  return end - from === 7 && codeAt(text, from + 4) === 0x32 && isVersion(text, from, end);
}

/** True for "SIP/" DIGITS "." DIGITS. */
export function isVersion(text: string, from: number, end: number): boolean {
  const majorEnd = skipDigits(text, from + 4, end);
  const minorEnd = skipDigits(text, majorEnd + 1, end);
  return (
    matchesIgnoringCase(text, from, from + 4, 'sip/') &&
    majorEnd > from + 4 &&
    peekAt(text, majorEnd, end) === 0x2e &&
    minorEnd > majorEnd + 1 &&
    minorEnd === end
  );
}

function skipDigits(text: string, from: number, end: number): number {
  let at = from;
  while (at < end && isDigit(codeAt(text, at))) at += 1;
  return at;
}
