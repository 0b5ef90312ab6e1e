/** Dates of RFC 3261 §20.17: the RFC 1123 form, always in GMT. */

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** The value of a Date header for an instant in milliseconds since 1970. */
export function formatSipDate(atMs: number): string {
  return new Date(atMs).toUTCString();
}

/** The instant in milliseconds since 1970, or undefined where the text is no such date: a bad Date is no error. */
export function parseSipDate(text: string): number | undefined {
  const [, day, month, year, time, zone, ...more] = text.split(' ');
  if (zone !== 'GMT' || more.length > 0 || month?.length !== 3) return undefined;
  const monthAt = months.indexOf(month);
  const clock = time?.split(':') ?? [];
  const numbers = [year, day, ...clock].map(Number);
  if (monthAt % 3 !== 0 || clock.length !== 3 || !numbers.every(Number.isInteger)) return undefined;
  const [y = 0, d = 0, hours = 0, minutes = 0, seconds = 0] = numbers;
  const atMs = Date.UTC(y, monthAt / 3, d, hours, minutes, seconds);
  // What Date.UTC carried over into the next unit was out of its range.
  return formatSipDate(atMs).slice(5) === text.slice(5) ? atMs : undefined;
}
