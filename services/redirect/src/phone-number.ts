/** Longest E.164 number (ITU-T E.164 §6.1) is 15 digits; some networks go beyond, none beyond this. */
const mostDigits = 18;

/**
 * The E.164 form of a number as a URI gives it: "+" and digits, visual separators removed (RFC 3966 §5.1.1).
 * Undefined for anything else: a local number, or no number at all.
 */
export function globalNumber(text: string): string | undefined {
  if (!text.startsWith('+')) return undefined;
  const digits = digitsOf(text.slice(1));
  return digits === '' || digits.length > mostDigits ? undefined : `+${digits}`;
}

/** A local number's own digits (also "*", "#" and A to F, RFC 3966 §3), separators removed; empty for no number. */
export function localNumber(text: string): string {
  let number = '';
  for (const char of text) {
    if (isVisualSeparator(char)) continue;
    const upper = char.toUpperCase();
    const allowed = isDigit(char) || char === '*' || char === '#' || (upper >= 'A' && upper <= 'F');
    if (!allowed) return '';
    number += char;
  }
  return number;
}

function digitsOf(text: string): string {
  let digits = '';
  for (const char of text) {
    if (isDigit(char)) digits += char;
    else if (!isVisualSeparator(char)) return '';
  }
  return digits;
}

function isDigit(char: string): boolean {
  return char >= '0' && char <= '9';
}

function isVisualSeparator(char: string): boolean {
  return char === '-' || char === '.' || char === '(' || char === ')';
}
