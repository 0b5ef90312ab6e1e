export { type Address, parseAddress } from './address.ts';
export { canonicalAor } from './aor.ts';
export { buildResponse, type ResponseOptions, stampVia } from './build-response.ts';
export { expandBulkContact, isBulkContact } from './bulk-contact.ts';
export type { ContactHeader, ContactValue } from './contact.ts';
export { keepContactParameters } from './contact-parameters.ts';
export { findParam, type Param, quoteText, unquote } from './cursor.ts';
export {
  type AuthenticationInfo,
  type DigestChallenge,
  type DigestCredentials,
  formatAuthenticationInfo,
  formatDigestChallenge,
  formatDigestCredentials,
  parseAuthenticationInfo,
  parseDigestChallenge,
  parseDigestCredentials,
} from './digest-headers.ts';
export { inHeader, type SipErrorCode, SipParseError, sipErrors } from './errors.ts';
export type { EventHeader, SubscriptionState } from './event.ts';
export { canonicalHost, isIpv6Reference } from './ip-address.ts';
export { limits } from './limits.ts';
export type { CSeq } from './message.ts';
export { type Framing, parseMessage, type SipMessage } from './parse-message.ts';
export { type PushTarget, readPushTarget } from './push-target.ts';
export { reasonPhrases } from './reason-phrases.ts';
export { SipRequest } from './request.ts';
export { SipResponse } from './response.ts';
export { sameParsedUri, sameUri } from './same-uri.ts';
export { buildRequest, type Changes, type HeaderRow, serialise } from './serialise.ts';
export { formatSipDate, parseSipDate } from './sip-date.ts';
export type { TelUri } from './tel-uri.ts';
export { decodeUtf8, encodeUtf8 } from './text.ts';
export { type OtherUri, parseUri, type SipUri, type Uri } from './uri.ts';
export { unescapeUri } from './uri-escapes.ts';
export { uriParam } from './uri-param-text.ts';
export { type KnownOptionTags, type Verdict, validateRequest, validateResponse } from './validate.ts';
export type { Via } from './via.ts';
export { withoutPushContactParameters, withoutPushParameters } from './without-push.ts';
