import {
  backslash,
  codeAt,
  comma,
  equals,
  greaterThan,
  isControl,
  isSpace,
  lessThan,
  lowerCase,
  peekAt,
  quote,
  semicolon,
  skipSpace,
  skipToken,
  tab,
} from './characters.ts';
import { parseError } from './errors.ts';
import { limits } from './limits.ts';

/** One parameter of a header value or URI. */
export interface Param {
  /** Name in lower case. */
  readonly name: string;
  /** Value as received, quotes included; undefined for a parameter without "=". */
  readonly value: string | undefined;
}

/**
 * Where a scan has got to, and the span of what it found last. One cursor serves many scans in turn, so that reading a
 * header allocates only what its reader keeps.
 */
export interface Cursor {
  at: number;
  nameStart: number;
  nameEnd: number;
  /** Start of the parameter's value; -1 where it has none. */
  valueStart: number;
  valueEnd: number;
}

export function newCursor(): Cursor {
  return { at: 0, nameStart: 0, nameEnd: 0, valueStart: -1, valueEnd: -1 };
}

/** Offset just after the quoted string that starts at `from`. */
export function skipQuoted(text: string, from: number, end: number): number {
  // Nearly always the next quotation mark is the closing one: no backslash stands before it.
  const next = text.indexOf('"', from + 1);
  if (next < 0 || next >= end) throw parseError('SIP_ERR_QUOTED_STRING', from);
  if (codeAt(text, next - 1) !== backslash) return next + 1;
  let at = from + 1;
  while (at < end) {
    const code = codeAt(text, at);
    if (code === quote) return at + 1;
    at += code === backslash ? 2 : 1;
  }
  throw parseError('SIP_ERR_QUOTED_STRING', from);
}

/**
 * Reads the next ";name[=value]" from cursor.at (RFC 3261 §25.1 generic-param); false where a comma or the end comes
 * instead. White space is allowed around each part.
 */
export function nextParam(text: string, cursor: Cursor, end: number): boolean {
  let at = skipSpace(text, cursor.at, end);
  cursor.at = at;
  if (at >= end || codeAt(text, at) === comma) return false;
  if (codeAt(text, at) !== semicolon) throw parseError('SIP_ERR_PARAM', at);
  at = skipSpace(text, at + 1, end);
  cursor.nameStart = at;
  at = skipToken(text, at, end);
  if (at === cursor.nameStart) throw parseError('SIP_ERR_PARAM', at);
  cursor.nameEnd = at;
  const afterName = skipSpace(text, at, end);
  if (afterName >= end || codeAt(text, afterName) !== equals) {
    cursor.valueStart = -1;
    cursor.valueEnd = -1;
    cursor.at = at;
    return true;
  }
  at = skipSpace(text, afterName + 1, end);
  cursor.valueStart = at;
  at = peekAt(text, at, end) === quote ? skipQuotedValue(text, at, end) : skipGenericValue(text, at, end);
  cursor.valueEnd = at;
  cursor.at = at;
  return true;
}

/** A quoted value is kept and told to others: a control character stands there in a quoted pair or not at all (§25.1). */
function skipQuotedValue(text: string, from: number, end: number): number {
  const valueEnd = skipQuoted(text, from, end);
  for (let at = from + 1; at < valueEnd; at += 1) {
    const code = codeAt(text, at);
    if (code === backslash) at += 1;
    else if (isControl(code) && code !== tab) throw parseError('SIP_ERR_PARAM', at);
  }
  return valueEnd;
}

/** Liberal: beside tokens and hosts, whatever cannot be mistaken for a delimiter and is no control character. */
function skipGenericValue(text: string, from: number, end: number): number {
  let at = from;
  while (at < end) {
    const code = codeAt(text, at);
    if (code === semicolon || code === comma || isSpace(code)) break;
    if (code === quote || code === lessThan || code === greaterThan || isControl(code))
      throw parseError('SIP_ERR_PARAM', at);
    at += 1;
  }
  return at;
}

/** All parameters from cursor.at; leaves the cursor at the comma or the end after them. */
export function readParams(text: string, cursor: Cursor, end: number): readonly Param[] {
  const at = skipSpace(text, cursor.at, end);
  if (at >= end) {
    cursor.at = at;
    return noParams;
  }
  const params: Param[] = [];
  collectParams(text, cursor, end, params);
  return params;
}

/** readParams into a list given, which keeps the good ones where a bad one follows. */
export function collectParams(text: string, cursor: Cursor, end: number, into: Param[]): void {
  while (nextParam(text, cursor, end)) {
    if (into.length === limits.params) throw parseError('SIP_ERR_PARAM_COUNT', cursor.nameStart);
    into.push({
      name: lowerCase(text, cursor.nameStart, cursor.nameEnd),
      value: cursor.valueStart < 0 ? undefined : text.slice(cursor.valueStart, cursor.valueEnd),
    });
  }
}

export const noParams: readonly Param[] = [];

/** Value of the first parameter of that name (in lower case): undefined where absent, '' where it has no value. */
export function findParam(params: readonly Param[], name: string): string | undefined {
  for (const param of params) {
    if (param.name === name) return param.value ?? '';
  }
  return undefined;
}

/** The content of a quoted string, its quoted pairs resolved (RFC 3261 §25.1); other text as it is. */
export function unquote(text: string): string {
  return text.length > 1 && codeAt(text, 0) === quote ? unquoteIn(text, 0, text.length) : text;
}

/** The content of the quoted string text[from, end). */
export function unquoteIn(text: string, from: number, end: number): string {
  const inner = text.slice(from + 1, end - 1);
  let slash = inner.indexOf('\\');
  if (slash < 0) return inner;
  let plain = '';
  let start = 0;
  for (; slash >= 0; slash = inner.indexOf('\\', slash + 2)) {
    plain += inner.slice(start, slash);
    start = slash + 1;
  }
  return plain + inner.slice(start);
}

/** Text as a quoted string. CR and LF, which cannot be in one, become spaces. */
export function quoteText(text: string): string {
  let quoted = '"';
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '"' || character === '\\') quoted += '\\' + character;
    else quoted += character === '\r' || character === '\n' ? ' ' : character;
  }
  return quoted + '"';
}
