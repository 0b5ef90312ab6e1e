import { codeAt, isHex, lowerCase } from './characters.ts';
import { findParam, noParams, type Param } from './cursor.ts';
import { parseError } from './errors.ts';
import { readUriParams } from './uri-params.ts';

/** A tel URI (RFC 3966). */
export interface TelUri {
  readonly kind: 'tel';
  /** The number as received, visual separators included. */
  readonly number: string;
  /** The number without visual separators, in lower case: "+12145550102" for a global one. */
  readonly digits: string;
  /** True for a global number (E.164, with its plus sign); a local one means nothing without its phone-context. */
  readonly global: boolean;
  /** The phone-context parameter in lower case; '' where absent. */
  readonly context: string;
  readonly params: readonly Param[];
}

/** Reads a URI whose scheme is known to be tel. */
export function parseTelUri(text: string): TelUri {
  const start = 4;
  const semicolonAt = text.indexOf(';');
  const numberEnd = semicolonAt < 0 ? text.length : semicolonAt;
  const number = text.slice(start, numberEnd);
  const digits = stripSeparators(number);
  const global = digits.startsWith('+');
  const params = semicolonAt < 0 ? noParams : readUriParams(text, semicolonAt, text.length);
  if (!isNumber(digits, global)) throw parseError('SIP_ERR_URI', start);
  const context = findParam(params, 'phone-context') ?? '';
  return { kind: 'tel', number, digits, global, context: lowerCase(context, 0, context.length), params };
}

/** The number without visual separators (RFC 3966 §3), hexadecimal digits in lower case. */
function stripSeparators(number: string): string {
  let digits = '';
  for (const character of number) {
    if (character !== '-' && character !== '.' && character !== '(' && character !== ')') digits += character;
  }
  return lowerCase(digits, 0, digits.length);
}

/** Global numbers have decimal digits only; local ones also hexadecimal digits, stars and hashes (RFC 3966 §3). */
function isNumber(digits: string, global: boolean): boolean {
  for (let at = global ? 1 : 0; at < digits.length; at += 1) {
    const code = codeAt(digits, at);
    const good = global ? code >= 0x30 && code <= 0x39 : isHex(code) || code === 0x2a || code === 0x23;
    if (!good) return false;
  }
  return digits.length > (global ? 1 : 0);
}
