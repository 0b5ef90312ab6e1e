/** The methods registered with IANA that this server has heard of; the closed set of the "method" label too. */
export const knownMethods = [
  'ACK',
  'BYE',
  'CANCEL',
  'INFO',
  'INVITE',
  'MESSAGE',
  'NOTIFY',
  'OPTIONS',
  'PRACK',
  'PUBLISH',
  'REFER',
  'REGISTER',
  'SUBSCRIBE',
  'UPDATE',
] as const;

/** One of the methods known here. */
export type KnownMethod = (typeof knownMethods)[number];

const known: ReadonlySet<string> = new Set(knownMethods);

/** Says whether the method is known; case matters (RFC 3261 section 7.1). */
export function isKnownMethod(method: string): method is KnownMethod {
  return known.has(method);
}

/** The methods that this server itself answers otherwise than with 405 or 501 (RFC 3261 section 20.5). */
const allowed = ['REGISTER', 'OPTIONS', 'INVITE', 'ACK', 'CANCEL', 'MESSAGE', 'SUBSCRIBE'] as const;

/** They, as a header. */
export const allowRow = `Allow: ${allowed.join(', ')}\r\n`;

/** Says whether Allow lists the method: then 405 is not for it, wherever it goes (RFC 3261 section 8.2.1). */
export function isAllowed(method: string): boolean {
  return (allowed as readonly string[]).includes(method);
}
