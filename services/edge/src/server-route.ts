import { SipParseError, type SipRequest } from '@rollcall/sip';
import type { Exchange } from './exchange.ts';
import { allowRow, isAllowed, isKnownMethod } from './methods.ts';
import { allowEventsRow } from './reg-event/event-packages.ts';
import { refuseBody } from './request-body.ts';

/** Option tags that the product implements; OPTIONS lists exactly these (RFC 3261 section 11.2). */
export const supportedTags = ['path', 'outbound', 'pref', 'gruu', 'gin'] as const;

/** Option tags that a request requires and the product does not know, as received (RFC 3261 section 8.2.2.3). */
export function findUnsupported(request: SipRequest): string[] {
  return request.require.filter((tag) => !(supportedTags as readonly string[]).includes(tag.toLowerCase()));
}

const capabilityRows =
  'Accept: */*\r\nAccept-Encoding: identity\r\nAccept-Language: *\r\n' +
  `Supported: ${supportedTags.join(', ')}\r\n` +
  allowRow +
  allowEventsRow;

/** Requests that address the server itself: no user in the Request-URI. */
export function answerForServer(exchange: Exchange): void {
  const { request } = exchange;
  if (request.method === 'OPTIONS') return answerOptions(exchange, request);
  if (!isKnownMethod(request.method)) return exchange.reply(501, allowRow);
  // A redirect server holds no dialogs, so whatever dialog this request belongs to is not here.
  if (request.method === 'BYE' || request.to.tag !== undefined) return exchange.reply(481);
  // A method that we speak, for nobody: the domain is no user that could be called.
  return isAllowed(request.method) ? exchange.reply(404) : exchange.reply(405, allowRow);
}

function answerOptions(exchange: Exchange, request: SipRequest): void {
  const unsupported = findUnsupported(request);
  if (unsupported.length > 0) return exchange.reply(420, `Unsupported: ${unsupported.join(', ')}\r\n`);
  if (!refuseBody(exchange)) exchange.reply(200, capabilityRows);
}

/** Says whether the Request-URI addresses the server rather than a user. */
export function addressesServer(requestUri: string): boolean {
  const colon = requestUri.indexOf(':');
  if (colon < 0) throw new SipParseError('SIP_ERR_URI', 400, 0);
  const scheme = requestUri.slice(0, colon).toLowerCase();
  return (scheme === 'sip' || scheme === 'sips') && !requestUri.includes('@', colon);
}
