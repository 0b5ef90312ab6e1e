import { scanNameAddr } from './address.ts';
import { codeAt, isDigit, matchesIgnoringCase, peekAt, quote, skipSpace } from './characters.ts';
import { type Cursor, newCursor, nextParam, unquote } from './cursor.ts';
import { parseDecimal, parseSeconds } from './decimal.ts';
import { parseError } from './errors.ts';
import { limits } from './limits.ts';

/** All values of a message's Contact header: "*" (RFC 3261 §10.2.2), or contacts in order. */
export type ContactHeader =
  | { readonly star: true }
  | { readonly star: false; readonly contacts: readonly ContactValue[] };

/** One value of a Contact header (RFC 3261 §20.10). */
export interface ContactValue {
  /** The URI as received, without angle brackets. */
  readonly uri: string;
  /** Without quotes and quoted pairs; undefined where there is none. */
  readonly displayName: string | undefined;
  /** The expires parameter in seconds, clamped to 2^32-1; 3600 where malformed (RFC 3261 §10.2.1.1); undefined: absent. */
  readonly expiresSec: number | undefined;
  /** The q parameter in thousandths, 0 to 1000; undefined where absent. */
  readonly qMilli: number | undefined;
  /** The +sip.instance parameter without quotes and angle brackets (RFC 5626 §4.1); '' where absent. */
  readonly instanceId: string;
  /** The reg-id parameter (RFC 5626 §4.2); 0 where absent. */
  readonly regId: number;
  /** All other parameters as received but without white space, each with its leading semicolon. */
  readonly otherParams: string;
}

/** What a malformed expires parameter counts as (RFC 3261 §10.2.1.1). */
const malformedExpiresSec = 3600;
/** RFC 5626 §4.2: reg-id is between 1 and 2^31-1. */
const largestRegId = 2 ** 31 - 1;

const cursor = newCursor();
/** Where the names of the parameters of the value being read begin and end. */
const seenNames: number[] = [];

/** Reads all values of the Contact row text[from, end). */
export function parseContacts(text: string, from: number, end: number, into: ContactValue[]): void {
  cursor.at = from;
  for (;;) {
    if (into.length === limits.contacts) throw parseError('SIP_ERR_CONTACT_COUNT', cursor.at);
    into.push(readContact(text, cursor, end));
    if (cursor.at >= end) return;
    cursor.at += 1;
  }
}

function readContact(text: string, at: Cursor, end: number): ContactValue {
  const displayName = scanNameAddr(text, at, end);
  const uri = text.slice(at.nameStart, at.nameEnd);
  let expiresSec: number | undefined;
  let qMilli: number | undefined;
  let instanceId = '';
  let regId = 0;
  let otherParams = '';
  for (let count = 0; nextParam(text, at, end); count += 1) {
    if (count === limits.params) throw parseError('SIP_ERR_PARAM_COUNT', at.nameStart);
    const { nameStart, nameEnd, valueStart, valueEnd } = at;
    // RFC 3261 §7.3.1: whoever takes the first and whoever takes the last would read two different contacts.
    if (isRepeated(text, nameStart, nameEnd, count)) throw parseError('SIP_ERR_PARAM_REPEATED', nameStart);
    seenNames[count * 2] = nameStart;
    seenNames[count * 2 + 1] = nameEnd;
    if (matchesIgnoringCase(text, nameStart, nameEnd, 'expires'))
      expiresSec = parseSeconds(text, valueStart, valueEnd) ?? malformedExpiresSec;
    else if (matchesIgnoringCase(text, nameStart, nameEnd, 'q')) qMilli = parseQ(text, valueStart, valueEnd);
    else if (matchesIgnoringCase(text, nameStart, nameEnd, 'reg-id'))
      regId = parseRegId(text, valueStart, valueEnd);
    else if (valueStart >= 0 && matchesIgnoringCase(text, nameStart, nameEnd, '+sip.instance'))
      instanceId = parseInstance(text.slice(valueStart, valueEnd));
    else if (valueStart < 0) otherParams += ';' + text.slice(nameStart, nameEnd);
    else otherParams += `;${text.slice(nameStart, nameEnd)}=${text.slice(valueStart, valueEnd)}`;
  }
  return { uri, displayName, expiresSec, qMilli, instanceId, regId, otherParams };
}

/** True where one of the first `count` names of seenNames is the same word as text[from, end). */
function isRepeated(text: string, from: number, end: number, count: number): boolean {
  for (let at = 0; at < count * 2; at += 2) {
    const [seenFrom = 0, seenEnd = 0] = [seenNames[at], seenNames[at + 1]];
    if (seenEnd - seenFrom !== end - from) continue;
    if (matchesIgnoringCase(text, from, end, text.slice(seenFrom, seenEnd).toLowerCase())) return true;
  }
  return false;
}

/** qvalue of RFC 3261 §25.1 in thousandths: 0 to 1 with three decimals at most. */
function parseQ(text: string, from: number, end: number): number {
  const whole = from < 0 ? -1 : peekAt(text, from, end) - 0x30;
  let milli = whole * 1000;
  let weight = 100;
  const good =
    from >= 0 &&
    end > from &&
    end - from <= 5 &&
    (whole === 0 || whole === 1) &&
    (end === from + 1 || text[from + 1] === '.');
  if (!good) throw parseError('SIP_ERR_CONTACT', Math.max(from, 0));
  for (let at = from + 2; at < end; at += 1) {
    const code = codeAt(text, at);
    if (!isDigit(code)) throw parseError('SIP_ERR_CONTACT', at);
    milli += (code - 0x30) * weight;
    weight /= 10;
  }
  if (milli > 1000) throw parseError('SIP_ERR_CONTACT', from);
  return milli;
}

function parseRegId(text: string, from: number, end: number): number {
  const regId = from < 0 ? -1 : parseDecimal(text, from, end);
  if (regId < 0 || regId > largestRegId) throw parseError('SIP_ERR_CONTACT', Math.max(from, 0));
  return regId;
}

function parseInstance(value: string): string {
  const inner = peekAt(value, 0, value.length) === quote ? unquote(value) : value;
  return inner.startsWith('<') && inner.endsWith('>') ? inner.slice(1, -1) : inner;
}

/** True where the Contact row text[from, end) begins with the value "*", with or without what may not stand beside it. */
export function isStar(text: string, from: number, end: number): boolean {
  if (from >= end || text[from] !== '*') return false;
  const next = skipSpace(text, from + 1, end);
  // Anything else is a display name with a star in it.
  return next === end || text[next] === ';' || text[next] === ',';
}
