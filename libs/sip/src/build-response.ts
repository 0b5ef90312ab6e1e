import { scanNameAddr } from './address.ts';
import { codeAt, comma, matchesIgnoringCase, semicolon } from './characters.ts';
import { newCursor, nextParam } from './cursor.ts';
import { SipParseError } from './errors.ts';
import { headerId } from './header-names.ts';
import type { SipRequest } from './request.ts';
import { findRow, rowStride } from './split-head.ts';

/** What a response has beside what it copies from its request. */
export interface ResponseOptions {
  /** Tag for the To header where the request has none; '' for none (100 Trying). */
  readonly toTag: string;
  /** Value of the top Via's received parameter; an IPv6 address without brackets (RFC 5118 §4.5). */
  readonly received?: string | undefined;
  /** Value of the top Via's rport parameter, set only where the request has one (RFC 3581 §4). */
  readonly rport?: number | undefined;
  /** Further header rows, each "Name: value\r\n". */
  readonly headers?: string;
  readonly body?: Buffer;
}

/**
 * A response to a request (RFC 3261 §8.2.6.2): From, Call-ID, CSeq and all Vias byte-exact and in order, the top Via with
 * received and rport, To with a tag.
 */
export function buildResponse(
  request: SipRequest,
  status: number,
  reasonPhrase: string,
  options: ResponseOptions,
): Buffer {
  const { text, rows } = request.parts;
  const { body } = options;
  let head = `SIP/2.0 ${status} ${reasonPhrase}\r\n`;
  let first = true;
  for (
    let cell = findRow(rows, headerId.via);
    cell >= 0;
    cell = findRow(rows, headerId.via, cell + rowStride)
  ) {
    const start = rows[cell + 2] ?? 0;
    const end = rows[cell + 3] ?? 0;
    head += first
      ? `Via: ${stampTopVia(text, start, end, options)}\r\n`
      : `Via: ${text.slice(start, end)}\r\n`;
    first = false;
  }
  head += copyRow(request, 'From: ', headerId.from);
  head += copyTo(request, options.toTag);
  head += copyRow(request, 'Call-ID: ', headerId['call-id']);
  head += copyRow(request, 'CSeq: ', headerId.cseq);
  if (options.headers !== undefined) head += options.headers;
  if (body === undefined || body.length === 0)
    return Buffer.from(head + 'Content-Length: 0\r\n\r\n', 'latin1');
  return Buffer.concat([Buffer.from(`${head}Content-Length: ${body.length}\r\n\r\n`, 'latin1'), body]);
}

/** A header that cannot be copied because it is missing is left out: the answer says 400 for that reason. */
function copyRow(request: SipRequest, name: string, header: number): string {
  const { text, rows } = request.parts;
  const cell = findRow(rows, header);
  return cell < 0 ? '' : `${name}${text.slice(rows[cell + 2] ?? 0, rows[cell + 3] ?? 0)}\r\n`;
}

function copyTo(request: SipRequest, toTag: string): string {
  const { text, rows } = request.parts;
  const cell = findRow(rows, headerId.to);
  if (cell < 0) return '';
  const to = text.slice(rows[cell + 2] ?? 0, rows[cell + 3] ?? 0);
  return toTag === '' || !lacksTag(request) ? `To: ${to}\r\n` : `To: ${withTag(request, to, toTag)}\r\n`;
}

/** To with the tag, which fills a tag parameter that was left empty: a second one would be read by nobody. */
function withTag(request: SipRequest, to: string, toTag: string): string {
  if (request.to.params.some(({ name }) => name === 'tag')) {
    cursor.at = 0;
    scanNameAddr(to, cursor, to.length);
    while (nextParam(to, cursor, to.length)) {
      const { nameStart, nameEnd } = cursor;
      if (matchesIgnoringCase(to, nameStart, nameEnd, 'tag'))
        return `${to.slice(0, nameEnd)}=${toTag}${to.slice(cursor.at)}`;
    }
  }
  return `${to};tag=${toTag}`;
}

/** A To that cannot be read is left as it is. */
function lacksTag(request: SipRequest): boolean {
  try {
    return request.to.tag === undefined;
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

const cursor = newCursor();

/**
 * One Via value with received and rport set as a response has them, all other bytes as they are: so a proxy passes on the
 * Via of whoever sent it the request (RFC 3261 §18.2.1, RFC 3581 §4).
 */
export function stampVia(value: string, received: string | undefined, rport: number | undefined): string {
  return stampTopVia(value, 0, value.length, {
    toTag: '',
    received,
    rport,
  });
}

/**
 * The topmost Via row with received and rport set in its first value (RFC 3261 §18.2.1, RFC 3581 §4); all other bytes as
 * they are. A received that the client put there itself is overwritten: only what we saw may stand there.
 */
function stampTopVia(text: string, start: number, end: number, options: ResponseOptions): string {
  const { received, rport } = options;
  if (received === undefined && rport === undefined) return text.slice(start, end);
  let stamped = '';
  let from = start;
  let receivedSet = received === undefined;
  cursor.at = skipSentBy(text, start, end);
  let valueEnd = cursor.at;
  try {
    while (nextParam(text, cursor, end)) {
      const { nameStart, nameEnd } = cursor;
      valueEnd = cursor.at;
      if (rport !== undefined && matchesIgnoringCase(text, nameStart, nameEnd, 'rport')) {
        stamped += `${text.slice(from, nameEnd)}=${rport}`;
        from = cursor.at;
      } else if (received !== undefined && matchesIgnoringCase(text, nameStart, nameEnd, 'received')) {
        stamped += receivedSet ? text.slice(from, cursor.at) : `${text.slice(from, nameEnd)}=${received}`;
        from = cursor.at;
        receivedSet = true;
      }
    }
  } catch (error) {
    // What follows a broken parameter is echoed unread.
    if (!(error instanceof SipParseError)) throw error;
  }
  stamped += text.slice(from, valueEnd);
  if (!receivedSet) stamped += `;received=${received}`;
  return stamped + text.slice(valueEnd, end);
}

/** End of sent-protocol and sent-by, in which there is neither semicolon nor comma. */
function skipSentBy(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && codeAt(text, at) !== semicolon && codeAt(text, at) !== comma) at += 1;
  return at;
}
