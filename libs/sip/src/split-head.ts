import { colon, cr, isSpace, lf, peekAt, skipSpace, skipToken, space, trimEnd } from './characters.ts';
import { inHeader, parseError, type SipParseError } from './errors.ts';
import { headerId, headerTitle, identifyHeader, unknownHeader } from './header-names.ts';
import { limits } from './limits.ts';

/**
 * Rows of a head, four integers each: header (see header-names.ts), where its name starts, where its value starts and
 * ends. White space around the value is left out. One flat array of small integers costs a tenth of an object per row.
 */
export type RowTable = readonly number[];

/** Integers per row in a RowTable. */
export const rowStride = 4;

/** The head of a message, split. */
export interface Head {
  /** All bytes of the message, one character each. Within a row there is no CR and no LF: see blankOut. */
  readonly text: string;
  readonly rows: RowTable;
  /** Offset of the first byte after the head. */
  readonly bodyAt: number;
  /** The first thing wrong with the head; the rows found are good nevertheless. */
  readonly defect: SipParseError | undefined;
}

/** Reused by every call, which never nest: a message then allocates its own table once, at its final size. */
const table: number[] = [];

/**
 * Splits the header rows of `text` from `from`, just after the start line, in one pass.
 *
 * Line ends: CRLF. Where the start line ended in a bare LF (`lineFeeds`) the whole head has bare LF, as archives and
 * hand-made datagrams have. A CR or LF anywhere else is a defect and never ends a row, so that no two readers of the
 * message can see different rows in it.
 */
export function splitHead(text: string, from: number, lineFeeds: boolean, mayEndEarly: boolean): Head {
  const length = text.length;
  let position = from;
  let defect: SipParseError | undefined;
  let blanks: number[] | undefined;
  // The next CR at or after the position; searched anew only once passed, which keeps the whole pass linear.
  let nextCr = findFrom(text, '\r', position);
  let cells = 0;
  let bodyAt = length;
  for (;;) {
    const first = peekAt(text, position, length);
    if (first === cr && peekAt(text, position + 1, length) === lf && !lineFeeds) {
      bodyAt = position + 2;
      break;
    }
    if (first === lf && lineFeeds) {
      bodyAt = position + 1;
      break;
    }
    if (position >= length) {
      if (!mayEndEarly) defect ??= parseError('SIP_ERR_HEAD_UNFINISHED', position);
      break;
    }
    if (cells === limits.headerRows * rowStride) {
      defect ??= parseError('SIP_ERR_HEADER_COUNT', position);
      break;
    }
    const nameStart = position;
    const nameEnd = skipToken(text, position, length);
    const colonAt = skipSpace(text, nameEnd, length);
    const named = nameEnd > nameStart && peekAt(text, colonAt, length) === colon;
    if (!named) defect ??= parseError('SIP_ERR_HEADER', nameStart);
    const header = named ? identifyHeader(text, nameStart, nameEnd) : unknownHeader;
    const valueStart = skipSpace(text, named ? colonAt + 1 : nameStart, length);

    // The end of the row: of its line, and of the lines folded to it (RFC 3261 §7.3.1).
    let lineFeed = text.indexOf('\n', named ? colonAt + 1 : nameStart);
    let rowEnd = length;
    for (;;) {
      if (lineFeed < 0) {
        defect ??= parseError('SIP_ERR_HEAD_UNFINISHED', length);
        for (
          nextCr = findFrom(text, '\r', position);
          nextCr < length;
          nextCr = findFrom(text, '\r', nextCr + 1)
        ) {
          blanks ??= [];
          blanks.push(nextCr);
        }
        position = length;
        break;
      }
      const lineEnd = lineFeeds ? lineFeed : lineFeed - 1;
      if (nextCr < position) nextCr = findFrom(text, '\r', position);
      while (nextCr < lineEnd) {
        defect ??= parseError('SIP_ERR_LINE_END', nextCr);
        blanks ??= [];
        blanks.push(nextCr);
        nextCr = findFrom(text, '\r', nextCr + 1);
      }
      const ended = lineFeeds || nextCr === lineEnd;
      position = lineFeed + 1;
      if (ended && !isSpace(peekAt(text, position, length))) {
        rowEnd = lineEnd;
        break;
      }
      if (!ended) defect ??= parseError('SIP_ERR_LINE_END', lineFeed);
      blanks ??= [];
      if (ended && !lineFeeds) blanks.push(lineEnd);
      blanks.push(lineFeed);
      lineFeed = text.indexOf('\n', position);
    }
    if (header !== unknownHeader && rowEnd - nameStart > limits.headerRowBytes)
      defect ??= tooLarge(header, nameStart);
    table[cells] = header;
    table[cells + 1] = nameStart;
    table[cells + 2] = Math.min(valueStart, rowEnd);
    table[cells + 3] = trimEnd(text, Math.min(valueStart, rowEnd), rowEnd);
    cells += rowStride;
  }
  const rows = table.slice(0, cells);
  if (blanks === undefined) return { text, rows, bodyAt, defect };
  return trimAgain(blankOut(text, blanks), rows, bodyAt, defect);
}

function tooLarge(header: number, at: number): SipParseError {
  return inHeader(parseError('SIP_ERR_HEADER_SIZE', at), headerTitle(header));
}

function findFrom(text: string, character: string, from: number): number {
  const found = text.indexOf(character, from);
  return found < 0 ? Number.MAX_SAFE_INTEGER : found;
}

/**
 * The text with spaces in the given places: the line ends of folded rows, which count as white space, and stray CR and
 * LF, which then cannot break a row where a response echoes it. Offsets stay what they were.
 */
function blankOut(text: string, places: readonly number[]): string {
  const bytes = Buffer.from(text, 'latin1');
  for (const place of places) bytes[place] = space;
  return bytes.toString('latin1');
}

/** Trims values whose white space had line ends in it. */
function trimAgain(text: string, rows: number[], bodyAt: number, defect: SipParseError | undefined): Head {
  for (let cell = 0; cell < rows.length; cell += rowStride) {
    const end = rows[cell + 3] ?? 0;
    const start = skipSpace(text, rows[cell + 2] ?? 0, end);
    rows[cell + 2] = start;
    rows[cell + 3] = trimEnd(text, start, end);
  }
  return { text, rows, bodyAt, defect };
}

/** Position in the table of the first row of a header, or -1. */
export function findRow(rows: RowTable, header: number, fromCell = 0): number {
  for (let cell = fromCell; cell < rows.length; cell += rowStride) {
    if (rows[cell] === header) return cell;
  }
  return -1;
}

/** The Content-Length header: its number; -1 where absent; -2 where malformed or given more than once. */
export function contentLengthRow(rows: RowTable): number {
  const cell = findRow(rows, headerId['content-length']);
  if (cell < 0) return -1;
  return findRow(rows, headerId['content-length'], cell + rowStride) < 0 ? cell : -2;
}
