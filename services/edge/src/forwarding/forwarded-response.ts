import { type SipResponse, serialise } from '@rollcall/sip';

/**
 * The response as it goes back: without our Via, all else as it is (RFC 3261 §16.7 step 3). Undefined where nothing but our
 * Via is there: it was meant for us.
 */
export function writeForwardedResponse(response: SipResponse): Buffer | undefined {
  const [, ...vias] = response.values('via');
  if (vias.length === 0) return undefined;
  const prepend = vias.map((via) => `Via: ${via}\r\n`).join('');
  return serialise(response, { prepend, without: ['via'] });
}
