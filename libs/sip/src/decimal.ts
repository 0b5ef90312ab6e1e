import { codeAt, isDigit } from './characters.ts';

/** What parseDecimal gives for numbers above 2^32-1: one more than the largest that any SIP header can carry. */
export const beyondUint32 = 2 ** 32;

/** The number in text[from, end): digits only, else -1; more than 2^32-1 counts as beyondUint32, however long it is. */
export function parseDecimal(text: string, from: number, end: number): number {
  if (from >= end) return -1;
  let value = 0;
  for (let position = from; position < end; position += 1) {
    const code = codeAt(text, position);
    if (!isDigit(code)) return -1;
    value = Math.min(value * 10 + (code - 0x30), beyondUint32);
  }
  return value;
}

/** The number in text[from, end) clamped to 2^32-1 (RFC 3261 §20.19); undefined where it is none. */
export function parseSeconds(text: string, from: number, end: number): number | undefined {
  const value = parseDecimal(text, from, end);
  return value < 0 ? undefined : Math.min(value, beyondUint32 - 1);
}
