/** Character codes and classes of RFC 3261 §25.1. A class is a bit in a table, so that a test is one load and one mask. */

export const cr = 0x0d;
export const lf = 0x0a;
export const space = 0x20;
export const tab = 0x09;
export const quote = 0x22;
export const percent = 0x25;
export const comma = 0x2c;
export const slash = 0x2f;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const lessThan = 0x3c;
export const equals = 0x3d;
export const greaterThan = 0x3e;
export const question = 0x3f;
export const at = 0x40;
export const openBracket = 0x5b;
export const backslash = 0x5c;

const { charCodeAt } = String.prototype;

/**
 * text.charCodeAt(position), at the same speed for every text. V8 keeps strings in many shapes (slices, concatenations,
 * one or two bytes a character, …), and code that has met more than four of them looks the method up anew for each
 * character: ten times as slow. Calling the one function that is meant leaves nothing to look up. The position must be
 * within the text.
 */
export function codeAt(text: string, position: number): number {
  return charCodeAt.call(text, position);
}

/**
 * The same where the position may be at the end, `end`, or beyond: then 0, which is in no class. Asking charCodeAt for it
 * would give up its speed in the whole process, for good.
 */
export function peekAt(text: string, position: number, end: number): number {
  return position < end ? charCodeAt.call(text, position) : 0;
}

const tokenClass = 1;
const digitClass = 2;
const hexClass = 4;
const hostClass = 8;
const uriClass = 16;
const schemeClass = 32;
const unreservedClass = 64;
const aorUserClass = 128;

const classes = new Uint8Array(256);

function mark(bit: number, characters: string): void {
  for (let index = 0; index < characters.length; index += 1) {
    const code = codeAt(characters, index);
    classes[code] = (classes[code] ?? 0) | bit;
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const digits = '0123456789';
mark(tokenClass, letters + digits + "-.!%*_+`'~");
mark(digitClass, digits);
mark(hexClass, digits + 'abcdefABCDEF');
// The underscore is no host character, but real domains have it.
mark(hostClass, letters + digits + '-._');
mark(schemeClass, letters + digits + '+-.');
mark(unreservedClass, letters + digits + "-_.!~*'()");
mark(aorUserClass, letters + digits + "-_.!~*'()&=+$,;?/");
// Liberal: RFC 3261 wants most others escaped, but phones send "#" and UTF-8 as they are. What could end a URI in a
// header (white space, controls, quotes, angle brackets) is never taken.
for (let code = 0x21; code < 0x100; code += 1) {
  if (code !== quote && code !== lessThan && code !== greaterThan && code !== 0x7f)
    mark(uriClass, String.fromCharCode(code));
}

/** True for a character of a token. */
export function isToken(code: number): boolean {
  return ((classes[code] ?? 0) & tokenClass) !== 0;
}

export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

export function isHex(code: number): boolean {
  return ((classes[code] ?? 0) & hexClass) !== 0;
}

/** True for a character of a host name or IPv4 address. */
export function isHostCharacter(code: number): boolean {
  return ((classes[code] ?? 0) & hostClass) !== 0;
}

/** True for a character taken inside a URI. */
export function isUriCharacter(code: number): boolean {
  return ((classes[code] ?? 0) & uriClass) !== 0;
}

/** True for a character of a URI scheme after its first (RFC 3986 §3.1). */
export function isSchemeCharacter(code: number): boolean {
  return ((classes[code] ?? 0) & schemeClass) !== 0;
}

export function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** True for a character that stays as it is in the user part of a canonical AOR. */
export function isAorUserCharacter(code: number): boolean {
  return ((classes[code] ?? 0) & aorUserClass) !== 0;
}

/** True for a character that means the same escaped or not (RFC 2396 §2.3). */
export function isUnreserved(code: number): boolean {
  return ((classes[code] ?? 0) & unreservedClass) !== 0;
}

/** True for what no header value may hold but in a quoted pair, except for the tab (RFC 3261 §25.1). */
export function isControl(code: number): boolean {
  return code < space || code === 0x7f;
}

export function isSpace(code: number): boolean {
  return code === space || code === tab;
}

/** First position at or after `from` that is not white space. */
export function skipSpace(text: string, from: number, end: number): number {
  let position = from;
  while (position < end && isSpace(codeAt(text, position))) position += 1;
  return position;
}

/** End of text[from, end) without trailing white space. */
export function trimEnd(text: string, from: number, end: number): number {
  let position = end;
  while (position > from && isSpace(codeAt(text, position - 1))) position -= 1;
  return position;
}

/** First position at or after `from` that is no token character. */
export function skipToken(text: string, from: number, end: number): number {
  let position = from;
  while (position < end && isToken(codeAt(text, position))) position += 1;
  return position;
}

/** True where text[from, end) is `word`, which is in lower case, in any case. */
export function matchesIgnoringCase(text: string, from: number, end: number, word: string): boolean {
  if (end - from !== word.length) return false;
  for (let index = 0; index < word.length; index += 1) {
    const code = codeAt(text, from + index);
    const expected = codeAt(word, index);
    if (code !== expected && !(isLetter(code) && (code | 0x20) === expected)) return false;
  }
  return true;
}

/** text[from, end) with ASCII letters in lower case; no copy where there is nothing to change. */
export function lowerCase(text: string, from: number, end: number): string {
  for (let position = from; position < end; position += 1) {
    const code = codeAt(text, position);
    if (code >= 0x41 && code <= 0x5a) return lowerCaseFrom(text.slice(from, end));
  }
  return text.slice(from, end);
}

/** toLowerCase alone would also change Latin letters above ASCII, which are bytes of UTF-8 here. */
function lowerCaseFrom(text: string): string {
  let plain = true;
  for (let index = 0; plain && index < text.length; index += 1) plain = codeAt(text, index) < 0x80;
  if (plain) return text.toLowerCase();
  let lower = '';
  for (let index = 0; index < text.length; index += 1) {
    const code = codeAt(text, index);
    lower += String.fromCharCode(code >= 0x41 && code <= 0x5a ? code | 0x20 : code);
  }
  return lower;
}
