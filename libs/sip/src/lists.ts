import {
  backslash,
  codeAt,
  comma,
  greaterThan,
  lessThan,
  lowerCase,
  quote,
  skipSpace,
  trimEnd,
} from './characters.ts';
import { parseError } from './errors.ts';

/**
 * Splits the row text[from, end) at its commas (RFC 3261 §7.3.1): those in quoted strings and angle brackets are data.
 * Empty values are left out. `most` bounds the list.
 */
export function splitAtCommas(text: string, from: number, end: number, into: string[], most: number): void {
  let start = from;
  let quoted = false;
  let bracketed = false;
  for (let at = from; at <= end; at += 1) {
    const code = at === end ? comma : codeAt(text, at);
    if (at < end && quoted) {
      if (code === backslash) at += 1;
      else if (code === quote) quoted = false;
    } else if (code === quote) quoted = !bracketed;
    else if (code === lessThan) bracketed = true;
    else if (code === greaterThan) bracketed = false;
    else if (code === comma && (at === end || !bracketed)) {
      pushTrimmed(text, start, at, into, most);
      start = at + 1;
    }
  }
  // An escape at the very end steps over it.
  if (start < end) pushTrimmed(text, start, end, into, most);
}

function pushTrimmed(text: string, from: number, end: number, into: string[], most: number): void {
  const start = skipSpace(text, from, end);
  const stop = trimEnd(text, start, end);
  if (stop === start) return;
  if (into.length === most) throw parseError('SIP_ERR_LIST_COUNT', start);
  into.push(text.slice(start, stop));
}

/** Values in lower case, for option tags: they are compared in any case (RFC 3261 §7.3.1). */
export function lowerCaseAll(values: readonly string[]): readonly string[] {
  return values.map((value) => lowerCase(value, 0, value.length));
}
