import { codeAt, cr, isSpace, lf, matchesIgnoringCase, peekAt, skipToken } from './characters.ts';
import { type KnownSipErrorCode, parseError, type SipParseError } from './errors.ts';
import { findHeader, unknownHeader } from './header-names.ts';
import { limits } from './limits.ts';
import { splitAtCommas } from './lists.ts';
import { findRow, type RowTable, rowStride } from './split-head.ts';

/** What the parser hands over; kept as it is once parsed. */
export interface MessageParts {
  /** The whole message as received, leading line ends and bytes after the body included. */
  readonly bytes: Buffer;
  /** All bytes, one character each; line ends within rows are spaces. */
  readonly text: string;
  readonly startLineAt: number;
  /** Offset of the first header row. */
  readonly rowsAt: number;
  readonly rows: RowTable;
  readonly bodyAt: number;
  readonly body: Buffer;
  /** The first thing wrong with the message as a whole: line ends, row syntax, sizes, Content-Length. */
  defect: SipParseError | undefined;
  /** True where a row was folded or held a stray line end, so that `text` differs from the bytes. */
  readonly folded: boolean;
}

/** Given for every header without a row, so that asking for what is absent allocates nothing. */
export const noValues: readonly string[] = [];

/** A message's header rows, found by name. */
export class HeaderRows {
  /** The message as the parser left it. For the modules of this package. */
  readonly parts: MessageParts;
  protected readonly text: string;
  protected readonly rowTable: RowTable;

  constructor(parts: MessageParts) {
    this.parts = parts;
    this.text = parts.text;
    this.rowTable = parts.rows;
  }

  /** The body, as far as Content-Length says; empty where there is none. */
  get body(): Buffer {
    return this.parts.body;
  }

  /**
   * First row of a header, without white space around it and unfolded; undefined where there is none. `name` is the long
   * name in lower case; rows with the compact name are found, too.
   */
  row(name: string): string | undefined {
    const cell = this.#nextRow(findHeader(name), name, 0);
    return cell < 0 ? undefined : this.rowText(cell);
  }

  /** All rows of a header, in order. */
  rows(name: string): readonly string[] {
    return this.cells(name).map((cell) => this.rowText(cell));
  }

  /**
   * All values of a header that is a comma-separated list (RFC 3261 §7.3.1), in order. Not for Authorization and its
   * like, whose commas do not separate values: they have a row each.
   */
  values(name: string): readonly string[] {
    const values: string[] = [];
    for (const cell of this.cells(name))
      splitAtCommas(this.text, this.valueStart(cell), this.valueEnd(cell), values, limits.listValues);
    return values;
  }

  /** Places of a header's rows in the table. For the modules of this package. */
  cells(name: string): number[] {
    const header = findHeader(name);
    const found: number[] = [];
    for (
      let cell = this.#nextRow(header, name, 0);
      cell >= 0;
      cell = this.#nextRow(header, name, cell + rowStride)
    )
      found.push(cell);
    return found;
  }

  #nextRow(header: number, name: string, fromCell: number): number {
    let cell = findRow(this.rowTable, header, fromCell);
    while (cell >= 0 && header === unknownHeader && !this.#isNamed(cell, name))
      cell = findRow(this.rowTable, header, cell + rowStride);
    return cell;
  }

  #isNamed(cell: number, name: string): boolean {
    const start = this.rowTable[cell + 1] ?? 0;
    return matchesIgnoringCase(this.text, start, skipToken(this.text, start, this.text.length), name);
  }

  protected valueStart(cell: number): number {
    return this.rowTable[cell + 2] ?? 0;
  }

  protected valueEnd(cell: number): number {
    return this.rowTable[cell + 3] ?? 0;
  }

  /** The row's value with its folds as they stand: offsets in it are offsets in the message. */
  protected plainText(cell: number): string {
    return this.text.slice(this.valueStart(cell), this.valueEnd(cell));
  }

  /** The row's value, each fold as one space (RFC 3261 §7.3.1). */
  protected rowText(cell: number): string {
    const plain = this.plainText(cell);
    return this.parts.folded ? unfold(plain, this.parts.bytes, this.valueStart(cell)) : plain;
  }

  /** The first row of a header that each message must have. */
  protected findMandatory(header: number, missing: KnownSipErrorCode): number {
    const cell = findRow(this.rowTable, header);
    if (cell < 0) throw parseError(missing, this.parts.bodyAt);
    return cell;
  }
}

/** `plain` with each fold as one space; the bytes it was read from show where the folds are. */
function unfold(plain: string, bytes: Buffer, offset: number): string {
  let unfolded = '';
  let from = 0;
  for (let at = 0; at < plain.length; at += 1) {
    const byte = bytes[offset + at];
    if (byte !== cr && byte !== lf) continue;
    let end = at;
    while (end > from && isSpace(codeAt(plain, end - 1))) end -= 1;
    unfolded += plain.slice(from, end) + ' ';
    while (isSpace(peekAt(plain, at + 1, plain.length))) at += 1;
    from = at + 1;
  }
  return unfolded + plain.slice(from);
}
