import {
  codeAt,
  cr,
  isSpace,
  isToken,
  lf,
  matchesIgnoringCase,
  peekAt,
  skipToken,
  space,
  tab,
} from './characters.ts';
import { beyondUint32, parseDecimal } from './decimal.ts';
import { parseError, type SipParseError } from './errors.ts';
import type { MessageParts } from './header-rows.ts';
import { limits } from './limits.ts';
import { SipRequest } from './request.ts';
import { SipResponse } from './response.ts';
import { contentLengthRow, type Head, splitHead } from './split-head.ts';
import { isSip2 } from './version.ts';

/** A message of either kind, told apart by `kind`. */
export type SipMessage = SipRequest | SipResponse;

/**
 * `datagram`: the bytes are one UDP datagram or one WebSocket message; `stream`: one message that a framer cut out of a
 * stream by its Content-Length.
 */
export type Framing = 'datagram' | 'stream';

const noBody = Buffer.alloc(0);

/**
 * Reads one message. Only what is no SIP message at all is refused; what is wrong inside a message that could still be
 * answered is found by validateRequest and by the typed getters, so that the answer can be built from what is good. Of
 * more than limits.messageBytes bytes only that many are read.
 *
 * The message keeps `received`, which must not change afterwards.
 *
 * @throws SipParseError with status undefined: drop the bytes.
 */
export function parseMessage(received: Buffer, framing: Framing): SipMessage {
  const bytes = received.length > limits.messageBytes ? received.subarray(0, limits.messageBytes) : received;
  const start = skipLineEnds(bytes);
  if (start === bytes.length) throw parseError('SIP_ERR_EMPTY', start);
  // Refused before any memory is spent on it: what does not begin like a word.
  if (!isToken(bytes[start] ?? 0)) throw parseError('SIP_ERR_START_LINE', start);
  const text = bytes.toString('latin1');
  const lineFeed = text.indexOf('\n', start);
  if (lineFeed < 0) throw parseError('SIP_ERR_START_LINE', start);
  const lineFeeds = codeAt(text, lineFeed - 1) !== cr;
  // A framer looks for CRLF CRLF: a message that ended elsewhere would leave the two of them at odds.
  if (lineFeeds && framing === 'stream') throw parseError('SIP_ERR_START_LINE', lineFeed);
  const startLine = { start, end: lineFeeds ? lineFeed : lineFeed - 1, rowsAt: lineFeed + 1 };
  const message = isStatusLine(text, start)
    ? readResponse(bytes, text, startLine, framing)
    : readRequest(bytes, text, startLine, framing);
  if (bytes !== received) message.parts.defect = parseError('SIP_ERR_MESSAGE_SIZE', bytes.length);
  return message;
}

/** Where the start line is, without its line end, and where the next line begins. */
interface StartLine {
  readonly start: number;
  readonly end: number;
  readonly rowsAt: number;
}

/** RFC 3261 §7.5: CRLFs before the start line are ignored. */
function skipLineEnds(bytes: Buffer): number {
  let at = 0;
  while (at < bytes.length && (bytes[at] === cr || bytes[at] === lf)) at += 1;
  return at;
}

/** Only a status line begins with "SIP/": no slash can be in a method. */
function isStatusLine(text: string, start: number): boolean {
  return peekAt(text, start + 3, text.length) === 0x2f && matchesIgnoringCase(text, start, start + 4, 'sip/');
}

function readRequest(bytes: Buffer, text: string, line: StartLine, framing: Framing): SipRequest {
  const { start, end } = line;
  const methodEnd = skipToken(text, start, end);
  // The version is looked for from the end, so that a Request-URI with spaces in it can be answered with 400.
  let versionEnd = end;
  while (versionEnd > methodEnd && codeAt(text, versionEnd - 1) === space) versionEnd -= 1;
  let versionStart = text.lastIndexOf(' ', versionEnd - 1) + 1;
  if (!isRequestLine(text, methodEnd, versionStart)) {
    // Tabs in place of the spaces are just as wrong, and can be answered, too.
    versionStart = Math.max(versionStart, text.lastIndexOf('\t', versionEnd - 1) + 1);
    if (!isRequestLine(text, methodEnd, versionStart)) throw parseError('SIP_ERR_START_LINE', start);
  }
  const parts = readParts(bytes, text, line, framing);
  if (end - start > limits.startLineBytes) parts.defect = parseError('SIP_ERR_REQUEST_LINE_SIZE', start);
  // RFC 3261 §7.1: exactly one space between the parts, none elsewhere.
  else if (
    versionEnd !== end ||
    hasTab(text, methodEnd, versionStart) ||
    hasWhiteSpace(text, methodEnd + 1, versionStart - 1)
  )
    parts.defect = parseError('SIP_ERR_REQUEST_LINE', methodEnd);
  return new SipRequest(
    parts,
    text.slice(start, methodEnd),
    text.slice(methodEnd + 1, versionStart - 1),
    text.slice(versionStart, versionEnd),
  );
}

/** Whether a method, something, and the version follow each other, with white space between them. */
function isRequestLine(text: string, methodEnd: number, versionStart: number): boolean {
  return (
    isSpace(codeAt(text, methodEnd)) &&
    versionStart > methodEnd + 1 &&
    matchesIgnoringCase(text, versionStart, versionStart + 4, 'sip/')
  );
}

/** Whether a tab stands where a space belongs. */
function hasTab(text: string, methodEnd: number, versionStart: number): boolean {
  return codeAt(text, methodEnd) === tab || codeAt(text, versionStart - 1) === tab;
}

function readResponse(bytes: Buffer, text: string, line: StartLine, framing: Framing): SipResponse {
  const { start, end } = line;
  const versionEnd = text.indexOf(' ', start);
  const status = parseDecimal(text, versionEnd + 1, versionEnd + 4);
  const afterStatus = versionEnd + 4;
  // RFC 3261 §7.2. The reason phrase may be empty, and some leave out the space before it, too.
  if (
    versionEnd < 0 ||
    end - start > limits.startLineBytes ||
    !isSip2(text, start, versionEnd) ||
    afterStatus > end ||
    status < 100 ||
    status > 699 ||
    (afterStatus < end && codeAt(text, afterStatus) !== space) ||
    text.slice(start, end).includes('\r')
  )
    throw parseError('SIP_ERR_STATUS_LINE', start);
  const parts = readParts(bytes, text, line, framing);
  const reasonPhrase = text.slice(Math.min(afterStatus + 1, end), end);
  return new SipResponse(parts, text.slice(start, versionEnd), status, reasonPhrase);
}

function hasWhiteSpace(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) {
    if (codeAt(text, at) <= space) return true;
  }
  return from >= end;
}

function readParts(bytes: Buffer, text: string, line: StartLine, framing: Framing): MessageParts {
  const lineFeeds = line.end === line.rowsAt - 1;
  const head = splitHead(text, line.rowsAt, lineFeeds, framing === 'datagram');
  const body = readBody(bytes, head);
  const bad = body instanceof Error;
  return {
    bytes,
    text: head.text,
    folded: head.text !== text,
    startLineAt: line.start,
    rowsAt: line.rowsAt,
    rows: head.rows,
    bodyAt: head.bodyAt,
    body: bad ? bytes.subarray(head.bodyAt) : body,
    defect: head.defect ?? (bad ? body : undefined),
  };
}

/** The body (RFC 3261 §18.3): what Content-Length says; without one, on datagrams, all the rest. */
function readBody(bytes: Buffer, head: Head): Buffer | SipParseError {
  const available = bytes.length - head.bodyAt;
  const cell = contentLengthRow(head.rows);
  if (cell === -1) return available === 0 ? noBody : bytes.subarray(head.bodyAt);
  if (cell === -2) return parseError('SIP_ERR_CONTENT_LENGTH', head.bodyAt);
  const valueStart = head.rows[cell + 2] ?? 0;
  const length = parseDecimal(head.text, valueStart, head.rows[cell + 3] ?? 0);
  if (length < 0 || length === beyondUint32) return parseError('SIP_ERR_CONTENT_LENGTH', valueStart);
  if (length > available) return parseError('SIP_ERR_BODY_SHORT', valueStart);
  return length === 0 ? noBody : bytes.subarray(head.bodyAt, head.bodyAt + length);
}
