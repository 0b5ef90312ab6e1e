import { type Address, parseAddressIn } from './address.ts';
import { codeAt, isSpace, skipSpace, skipToken } from './characters.ts';
import { type ContactHeader, type ContactValue, isStar, parseContacts } from './contact.ts';
import { parseDecimal, parseSeconds } from './decimal.ts';
import { inHeader, type KnownSipErrorCode, parseError } from './errors.ts';
import { headerId, headerTitle } from './header-names.ts';
import { HeaderRows, noValues } from './header-rows.ts';
import { limits } from './limits.ts';
import { lowerCaseAll, splitAtCommas } from './lists.ts';
import { findRow, rowStride } from './split-head.ts';
import { parseTopVia, parseVias, type TopVia, type Via } from './via.ts';

/** CSeq (RFC 3261 §20.16). */
export interface CSeq {
  /** 0 to 2^32-1. */
  readonly sequence: number;
  readonly method: string;
}

/**
 * Access to the headers of a message. Getters parse when first asked and keep what they found; a header that nobody asks
 * for costs nothing. They throw SipParseError with status 400 where what they read is malformed, or must be there and is
 * not.
 */
export class MessageHeaders extends HeaderRows {
  #topVia: TopVia | undefined;
  #vias: readonly Via[] | undefined;
  #from: Address | undefined;
  #to: Address | undefined;
  #callId: string | undefined;
  #cseq: CSeq | undefined;
  #contacts: ContactHeader | undefined;
  #lists: Map<number, readonly string[]> | undefined;

  /** The topmost Via, as far as an answer needs it. */
  get topVia(): Via {
    return this.#readTopVia().via;
  }

  /** All Via values, topmost first. */
  get vias(): readonly Via[] {
    this.#vias ??= this.#readVias();
    return this.#vias;
  }

  get from(): Address {
    this.#from ??= this.#readAddress(headerId.from, 'SIP_ERR_MISSING_FROM');
    return this.#from;
  }

  get to(): Address {
    this.#to ??= this.#readAddress(headerId.to, 'SIP_ERR_MISSING_TO');
    return this.#to;
  }

  /** Call-ID: one word without white space; compared byte by byte. */
  get callId(): string {
    this.#callId ??= this.#readCallId();
    return this.#callId;
  }

  get cseq(): CSeq {
    this.#cseq ??= this.#readCSeq();
    return this.#cseq;
  }

  /** All Contact values; no contacts where there is no Contact header. */
  get contacts(): ContactHeader {
    this.#contacts ??= this.#readContacts();
    return this.#contacts;
  }

  /** Expires in seconds, clamped to 2^32-1; undefined where absent or malformed (RFC 3261 §20.19). */
  get expiresSec(): number | undefined {
    return this.#seconds(headerId.expires);
  }

  /** Min-Expires in seconds (§20.23). */
  get minExpiresSec(): number | undefined {
    return this.#seconds(headerId['min-expires']);
  }

  /** Max-Forwards; undefined where absent. Values above 255 are no error here (RFC 4475 §3.1.2.4). */
  get maxForwards(): number | undefined {
    const cell = findRow(this.rowTable, headerId['max-forwards']);
    if (cell < 0) return undefined;
    const value = parseDecimal(this.text, this.valueStart(cell), this.valueEnd(cell));
    if (value < 0) throw parseError('SIP_ERR_MAX_FORWARDS', this.valueStart(cell));
    return value;
  }

  /** Option tags in lower case (§20.37). */
  get supported(): readonly string[] {
    return this.#list(headerId.supported, true);
  }

  /** Option tags as received (§20.32). */
  get require(): readonly string[] {
    return this.#list(headerId.require);
  }

  /** Option tags as received (§20.29). */
  get proxyRequire(): readonly string[] {
    return this.#list(headerId['proxy-require']);
  }

  /** Option tags as received (§20.40). */
  get unsupported(): readonly string[] {
    return this.#list(headerId.unsupported);
  }

  /** Methods (§20.5). */
  get allow(): readonly string[] {
    return this.#list(headerId.allow);
  }

  /** Path values as received, topmost first (RFC 3327). */
  get path(): readonly string[] {
    return this.#list(headerId.path);
  }

  /** Route values as received, topmost first (§20.34). */
  get route(): readonly string[] {
    return this.#list(headerId.route);
  }

  /** Record-Route values as received, topmost first (§20.30). */
  get recordRoute(): readonly string[] {
    return this.#list(headerId['record-route']);
  }

  /** Service-Route values as received, first hop first (RFC 3608). */
  get serviceRoute(): readonly string[] {
    return this.#list(headerId['service-route']);
  }

  /** User-Agent (§20.41); '' where absent. */
  get userAgent(): string {
    const cell = findRow(this.rowTable, headerId['user-agent']);
    return cell < 0 ? '' : this.rowText(cell);
  }

  #readAddress(header: number, missing: KnownSipErrorCode): Address {
    const cell = this.findMandatory(header, missing);
    try {
      return parseAddressIn(this.text, this.valueStart(cell), this.valueEnd(cell));
    } catch (error) {
      throw inHeader(error, headerTitle(header));
    }
  }

  #readTopVia(): TopVia {
    if (this.#topVia === undefined) {
      const cell = this.findMandatory(headerId.via, 'SIP_ERR_MISSING_VIA');
      this.#topVia = parseTopVia(this.text, this.valueStart(cell), this.valueEnd(cell));
    }
    return this.#topVia;
  }

  #readVias(): readonly Via[] {
    const top = this.#readTopVia();
    const first = findRow(this.rowTable, headerId.via);
    let cell = findRow(this.rowTable, headerId.via, first + rowStride);
    if (top.alone && cell < 0) return [top.via];
    const vias: Via[] = [];
    try {
      for (cell = first; cell >= 0; cell = findRow(this.rowTable, headerId.via, cell + rowStride))
        parseVias(this.text, this.valueStart(cell), this.valueEnd(cell), vias, limits.vias);
    } catch (error) {
      throw inHeader(error, 'Via');
    }
    return vias;
  }

  #readCallId(): string {
    const cell = this.findMandatory(headerId['call-id'], 'SIP_ERR_MISSING_CALL_ID');
    const callId = this.plainText(cell);
    for (let at = 0; at < callId.length; at += 1) {
      if (isSpace(codeAt(callId, at))) throw parseError('SIP_ERR_CALL_ID', this.valueStart(cell) + at);
    }
    if (callId === '') throw parseError('SIP_ERR_CALL_ID', this.valueStart(cell));
    return callId;
  }

  #readCSeq(): CSeq {
    const cell = this.findMandatory(headerId.cseq, 'SIP_ERR_MISSING_CSEQ');
    const start = this.valueStart(cell);
    const end = this.valueEnd(cell);
    const numberEnd = skipToken(this.text, start, end);
    const sequence = parseDecimal(this.text, start, numberEnd);
    const methodStart = skipSpace(this.text, numberEnd, end);
    const methodEnd = skipToken(this.text, methodStart, end);
    if (
      sequence < 0 ||
      sequence > 0xffff_ffff ||
      methodStart === numberEnd ||
      methodEnd !== end ||
      methodStart === end
    )
      throw parseError('SIP_ERR_CSEQ', start);
    return { sequence, method: this.text.slice(methodStart, end) };
  }

  #readContacts(): ContactHeader {
    const contacts: ContactValue[] = [];
    let rows = 0;
    let star = -1;
    let cell = findRow(this.rowTable, headerId.contact);
    for (; cell >= 0; cell = findRow(this.rowTable, headerId.contact, cell + rowStride)) {
      const start = this.valueStart(cell);
      const end = this.valueEnd(cell);
      rows += 1;
      if (isStar(this.text, start, end)) star = cell;
      else this.#parseContactRow(start, end, contacts);
    }
    if (star < 0) return { star: false, contacts };
    // RFC 3261 §10.3 step 6: nothing beside it, not even parameters.
    if (rows > 1 || this.plainText(star) !== '*')
      throw parseError('SIP_ERR_CONTACT_STAR', this.valueStart(star));
    return { star: true };
  }

  #parseContactRow(start: number, end: number, into: ContactValue[]): void {
    try {
      parseContacts(this.text, start, end, into);
    } catch (error) {
      throw inHeader(error, 'Contact');
    }
  }

  #seconds(header: number): number | undefined {
    const cell = findRow(this.rowTable, header);
    return cell < 0 ? undefined : parseSeconds(this.text, this.valueStart(cell), this.valueEnd(cell));
  }

  #list(header: number, inLowerCase = false): readonly string[] {
    let cell = findRow(this.rowTable, header);
    if (cell < 0) return noValues;
    const kept = this.#lists?.get(header);
    if (kept !== undefined) return kept;
    const values: string[] = [];
    try {
      for (; cell >= 0; cell = findRow(this.rowTable, header, cell + rowStride))
        splitAtCommas(this.text, this.valueStart(cell), this.valueEnd(cell), values, limits.listValues);
    } catch (error) {
      throw inHeader(error, headerTitle(header));
    }
    const list = inLowerCase ? lowerCaseAll(values) : values;
    this.#lists ??= new Map();
    this.#lists.set(header, list);
    return list;
  }
}
