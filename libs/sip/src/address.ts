import {
  codeAt,
  colon,
  comma,
  greaterThan,
  isLetter,
  isSchemeCharacter,
  isUriCharacter,
  lessThan,
  peekAt,
  question,
  quote,
  semicolon,
  skipSpace,
  trimEnd,
} from './characters.ts';
import {
  type Cursor,
  findParam,
  newCursor,
  type Param,
  readParams,
  skipQuoted,
  unquoteIn,
} from './cursor.ts';
import { parseError } from './errors.ts';

/** A value of From, To, Route and their like (RFC 3261 §20.10): name-addr or addr-spec, and header parameters. */
export interface Address {
  /** Without quotes and quoted pairs; a byte string; undefined where there is none. */
  readonly displayName: string | undefined;
  /** The URI as received, without angle brackets. */
  readonly uri: string;
  readonly params: readonly Param[];
  /** The tag parameter; undefined where absent or empty. */
  readonly tag: string | undefined;
}

const cursor = newCursor();

/** Reads text[from, end) as one address. */
export function parseAddressIn(text: string, from: number, end: number): Address {
  cursor.at = from;
  const displayName = scanNameAddr(text, cursor, end);
  const uri = text.slice(cursor.nameStart, cursor.nameEnd);
  const params = readParams(text, cursor, end);
  if (cursor.at < end) throw parseError('SIP_ERR_ADDRESS', cursor.at);
  const tag = findParam(params, 'tag');
  return { displayName, uri, params, tag: tag === '' ? undefined : tag };
}

/**
 * Reads one address, without its parameters, as a value of a header.
 *
 * @throws SipParseError with status 400.
 */
export function parseAddress(text: string): Address {
  return parseAddressIn(text, 0, text.length);
}

/**
 * Scans the name-addr or addr-spec at cursor.at. The URI's span is left in nameStart and nameEnd, the cursor after it;
 * returns the display name.
 */
export function scanNameAddr(text: string, at: Cursor, end: number): string | undefined {
  const start = skipSpace(text, at.at, end);
  if (start < end && codeAt(text, start) === quote) {
    const quotedEnd = skipQuoted(text, start, end);
    scanBracketed(text, at, skipSpace(text, quotedEnd, end), end);
    return unquoteIn(text, start, quotedEnd);
  }
  let position = start;
  while (position < end) {
    const code = codeAt(text, position);
    if (code === lessThan) {
      scanBracketed(text, at, position, end);
      const nameEnd = trimEnd(text, start, position);
      return nameEnd > start ? text.slice(start, nameEnd) : undefined;
    }
    if (code === semicolon || code === comma || code === quote || code === greaterThan) break;
    position += 1;
  }
  // Without brackets what follows a semicolon is a header parameter, and a question mark is not allowed (§20.10).
  const uriEnd = trimEnd(text, start, position);
  checkUri(text, start, uriEnd);
  for (let index = start; index < uriEnd; index += 1) {
    if (codeAt(text, index) === question) throw parseError('SIP_ERR_ADDRESS', index);
  }
  at.nameStart = start;
  at.nameEnd = uriEnd;
  at.at = position;
  return undefined;
}

function scanBracketed(text: string, at: Cursor, open: number, end: number): void {
  if (open >= end || codeAt(text, open) !== lessThan) throw parseError('SIP_ERR_ADDRESS', open);
  let close = open + 1;
  while (close < end && isUriCharacter(codeAt(text, close))) close += 1;
  if (close >= end || codeAt(text, close) !== greaterThan) throw parseError('SIP_ERR_ADDRESS', close);
  checkScheme(text, open + 1, close);
  at.nameStart = open + 1;
  at.nameEnd = close;
  at.at = close + 1;
}

function checkUri(text: string, from: number, end: number): void {
  checkScheme(text, from, end);
  for (let index = from; index < end; index += 1) {
    if (!isUriCharacter(codeAt(text, index))) throw parseError('SIP_ERR_ADDRESS', index);
  }
}

/** A URI has a scheme and something after it (RFC 3986 §3); more is checked where its parts are asked for. */
function checkScheme(text: string, from: number, end: number): void {
  let index = from;
  if (isLetter(peekAt(text, index, end))) {
    while (index < end && isSchemeCharacter(codeAt(text, index))) index += 1;
  }
  if (index === from || index >= end - 1 || codeAt(text, index) !== colon)
    throw parseError('SIP_ERR_ADDRESS', from);
}
