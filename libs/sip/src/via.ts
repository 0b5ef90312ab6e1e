import {
  codeAt,
  colon,
  isHostCharacter,
  lowerCase,
  matchesIgnoringCase,
  openBracket,
  peekAt,
  skipSpace,
  skipToken,
  slash,
} from './characters.ts';
import { type Cursor, collectParams, newCursor, type Param } from './cursor.ts';
import { parseDecimal } from './decimal.ts';
import { parseError, SipParseError } from './errors.ts';
import { isIpv6Reference } from './ip-address.ts';

/** One value of the Via header (RFC 3261 §20.42). */
export interface Via {
  /** Name and version without white space: "SIP/2.0". */
  readonly protocol: string;
  /** Upper case: "UDP". */
  readonly transport: string;
  /** Sent-by host in lower case; an IPv6 reference with its brackets. */
  readonly host: string;
  /** Sent-by port; undefined where not given, which is not the same as the default port. */
  readonly port: number | undefined;
  /** The branch parameter; undefined where absent (RFC 2543). */
  readonly branch: string | undefined;
  /** true for "rport" without a value, as a client sends it (RFC 3581 §3). */
  readonly rport: number | true | undefined;
  /** As received: some bracket an IPv6 address here and some do not (RFC 5118 §4.5). */
  readonly received: string | undefined;
  readonly maddr: string | undefined;
  readonly params: readonly Param[];
}

/** The topmost Via, and whether it is the only value of its row and flawless. */
export interface TopVia {
  readonly via: Via;
  readonly alone: boolean;
}

const cursor = newCursor();

/** Reads all values of the row text[from, end); `most` bounds the list. */
export function parseVias(text: string, from: number, end: number, into: Via[], most: number): void {
  cursor.at = from;
  for (;;) {
    if (into.length >= most) throw parseError('SIP_ERR_VIA_COUNT', cursor.at);
    const params: Param[] = [];
    const sentBy = scanSentBy(text, cursor, end);
    collectParams(text, cursor, end, params);
    into.push(toVia(sentBy, params));
    if (cursor.at >= end) return;
    cursor.at += 1;
  }
}

/**
 * Reads the first value of the row text[from, end) as far as an answer needs it: parameters after a broken one, and
 * whatever follows, are left to parseVias, which refuses them.
 */
export function parseTopVia(text: string, from: number, end: number): TopVia {
  cursor.at = from;
  const params: Param[] = [];
  const sentBy = scanSentBy(text, cursor, end);
  let alone = false;
  try {
    collectParams(text, cursor, end, params);
    alone = cursor.at >= end;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
  return { via: toVia(sentBy, params), alone };
}

interface SentBy {
  readonly protocol: string;
  readonly transport: string;
  readonly host: string;
  readonly port: number | undefined;
}

/** Sent-protocol and sent-by (RFC 3261 §25.1): white space may stand around slashes and colon. */
function scanSentBy(text: string, at: Cursor, end: number): SentBy {
  const start = skipSpace(text, at.at, end);
  const nameEnd = skipToken(text, start, end);
  const versionStart = afterSlash(text, nameEnd, end);
  const versionEnd = skipToken(text, versionStart, end);
  const transportStart = afterSlash(text, versionEnd, end);
  const transportEnd = skipToken(text, transportStart, end);
  const hostStart = skipSpace(text, transportEnd, end);
  if (!matchesIgnoringCase(text, start, nameEnd, 'sip') || versionEnd === versionStart)
    throw parseError('SIP_ERR_VIA', start);
  if (transportEnd === transportStart || hostStart === transportEnd)
    throw parseError('SIP_ERR_VIA', transportEnd);
  const hostEnd = skipHost(text, hostStart, end);
  at.at = hostEnd;
  const port = scanPort(text, at, end);
  const transport = text.slice(transportStart, transportEnd);
  return {
    protocol:
      versionEnd - start === 7
        ? text.slice(start, versionEnd)
        : `SIP/${text.slice(versionStart, versionEnd)}`,
    transport: upperCaseTransports.get(transport) ?? transport.toUpperCase(),
    host: lowerCase(text, hostStart, hostEnd),
    port,
  };
}

/** Saves the copy that toUpperCase makes. */
const upperCaseTransports = new Map(
  ['UDP', 'TCP', 'TLS', 'WS', 'WSS', 'SCTP'].flatMap((name) => [
    [name, name],
    [name.toLowerCase(), name],
  ]),
);

function afterSlash(text: string, from: number, end: number): number {
  const at = skipSpace(text, from, end);
  if (at >= end || codeAt(text, at) !== slash) throw parseError('SIP_ERR_VIA', at);
  return skipSpace(text, at + 1, end);
}

function skipHost(text: string, from: number, end: number): number {
  let at = from;
  if (peekAt(text, at, end) === openBracket) {
    const close = text.indexOf(']', at);
    if (close < 0 || close >= end || !isIpv6Reference(text.slice(at, close + 1)))
      throw parseError('SIP_ERR_VIA', at);
    return close + 1;
  }
  while (at < end && isHostCharacter(codeAt(text, at))) at += 1;
  if (at === from) throw parseError('SIP_ERR_VIA', at);
  return at;
}

function scanPort(text: string, at: Cursor, end: number): number | undefined {
  const colonAt = skipSpace(text, at.at, end);
  if (colonAt >= end || codeAt(text, colonAt) !== colon) return undefined;
  const start = skipSpace(text, colonAt + 1, end);
  let stop = start;
  while (stop < end && isHostCharacter(codeAt(text, stop))) stop += 1;
  const port = parseDecimal(text, start, stop);
  if (port < 0 || port > 65_535) throw parseError('SIP_ERR_VIA', start);
  at.at = stop;
  return port;
}

function toVia(sentBy: SentBy, params: readonly Param[]): Via {
  let branch: string | undefined;
  let rport: number | true | undefined;
  let received: string | undefined;
  let maddr: string | undefined;
  for (const { name, value } of params) {
    // The first of a name counts, and one without a value says nothing.
    if (name === 'rport') rport ??= readRport(value);
    else if (value === undefined || value === '') continue;
    else if (name === 'branch') branch ??= value;
    else if (name === 'received') received ??= value;
    else if (name === 'maddr') maddr ??= value;
  }
  const { protocol, transport, host, port } = sentBy;
  return { protocol, transport, host, port, branch, rport, received, maddr, params };
}

/** A port that is none is not worth refusing a request for: it is overwritten in the response. */
function readRport(value: string | undefined): number | true {
  if (value === undefined) return true;
  const port = parseDecimal(value, 0, value.length);
  return port > 0 && port <= 65_535 ? port : true;
}
