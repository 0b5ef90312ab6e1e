import { codeAt, cr, lf } from './characters.ts';
import { headerId } from './header-names.ts';
import type { SipRequest } from './request.ts';
import type { SipResponse } from './response.ts';
import { findRow, rowStride } from './split-head.ts';

/** One header row: its name as it is to be written, and its value. */
export type HeaderRow = readonly [name: string, value: string];

/** A message to be built. Text is byte strings. */
export interface MessageDraft {
  /** Rows in order; Content-Length is added. */
  readonly headers: readonly HeaderRow[];
  readonly body?: Buffer;
}

/** Bytes of a request made from its parts. Line ends in values become spaces, so that no value can add a row. */
export function buildRequest(
  draft: MessageDraft & { readonly method: string; readonly requestUri: string },
): Buffer {
  return assemble(`${draft.method} ${draft.requestUri} SIP/2.0`, draft.headers, draft.body);
}

function assemble(startLine: string, headers: readonly HeaderRow[], body: Buffer | undefined): Buffer {
  let head = `${oneLine(startLine)}\r\n`;
  for (const [name, value] of headers) head += `${oneLine(name)}: ${oneLine(value)}\r\n`;
  head += `Content-Length: ${body?.length ?? 0}\r\n\r\n`;
  return join(head, body);
}

function oneLine(text: string): string {
  return text.includes('\r') || text.includes('\n') ? text.replaceAll('\r', ' ').replaceAll('\n', ' ') : text;
}

function join(head: string, body: Buffer | undefined): Buffer {
  const bytes = Buffer.from(head, 'latin1');
  return body === undefined || body.length === 0 ? bytes : Buffer.concat([bytes, body]);
}

/** How a message that goes on differs from the one received. */
export interface Changes {
  /** The new Request-URI of a request. */
  readonly requestUri?: string;
  /** Rows put before all others, each "Name: value\r\n". */
  readonly prepend?: string;
  /** Headers whose rows are left out; long names in lower case. */
  readonly without?: readonly string[];
  /** Rows put after all others, each "Name: value\r\n". */
  readonly append?: string;
}

/**
 * Bytes of a message received, with changes. Each row that is not changed stays byte-exact, its folds and the white space
 * around its value included; bytes after the body are gone; Content-Length is there.
 */
export function serialise(message: SipRequest | SipResponse, changes: Changes = {}): Buffer {
  const { rows, rowsAt, startLineAt, text } = message.parts;
  const startLine =
    message.kind === 'request'
      ? `${message.method} ${oneLine(changes.requestUri ?? message.requestUri)} ${message.version}`
      : trimLineEnds(text.slice(startLineAt, rowsAt));
  let head = `${startLine}\r\n${changes.prepend ?? ''}`;
  const without = new Set(changes.without?.flatMap((name) => message.cells(name)));
  for (let cell = 0; cell < rows.length; cell += rowStride) {
    if (!without.has(cell)) head += `${wholeRow(message, cell)}\r\n`;
  }
  head += changes.append ?? '';
  if (findRow(rows, headerId['content-length']) < 0) head += `Content-Length: ${message.body.length}\r\n`;
  return join(`${head}\r\n`, message.body);
}

/**
 * The row as received, without its line end; bare LFs that fold it become CRLFs. In a message whose line ends are a defect,
 * all within the row become spaces.
 */
function wholeRow(message: SipRequest | SipResponse, cell: number): string {
  const { rows, bodyAt, bytes, rowsAt, text, defect } = message.parts;
  const start = rows[cell + 1] ?? 0;
  const end = rows[cell + rowStride + 1] ?? bodyAt;
  if (defect !== undefined) return trimLineEnds(text.slice(start, end));
  const row = trimLineEnds(bytes.toString('latin1', start, end));
  return bytes[rowsAt - 2] === cr ? row : row.replaceAll('\n', '\r\n');
}

function trimLineEnds(text: string): string {
  let end = text.length;
  while (end > 0 && (codeAt(text, end - 1) === lf || codeAt(text, end - 1) === cr)) end -= 1;
  return text.slice(0, end);
}
