import { inHeader, type KnownSipErrorCode, parseError, SipParseError, sipErrors } from './errors.ts';
import { headerId, headerTitle } from './header-names.ts';
import type { SipRequest } from './request.ts';
import type { SipResponse } from './response.ts';
import { findRow, rowStride } from './split-head.ts';
import { isSip2, isVersion } from './version.ts';

/** What is owed to the sender of a bad request. */
export interface Verdict {
  /** Machine-readable reason, for metrics. */
  readonly code: string;
  /** The status owed; undefined: it cannot be answered (no usable Via) or must not be (ACK). Drop it. */
  readonly status: number | undefined;
  readonly reasonPhrase: string;
  /** Header rows that the response must carry, each with its line end. */
  readonly headers?: string;
}

/** Option tags that the caller implements; whichever is left out is not checked. */
export interface KnownOptionTags {
  /** For Require, in lower case. */
  readonly require?: ReadonlySet<string>;
  /** For Proxy-Require, in lower case. */
  readonly proxyRequire?: ReadonlySet<string>;
}

/**
 * Judges a request that could be parsed (RFC 3261 §8.2, §16.3 step 1): undefined where it is good, else what is owed to
 * its sender. Checks version, syntax of the message as a whole, the mandatory headers and their agreement, the
 * Request-URI's scheme, and in a REGISTER To and Contact; not what its meaning needs a user or a policy for.
 */
export function validateRequest(request: SipRequest, known?: KnownOptionTags): Verdict | undefined {
  try {
    checkRequest(request);
    return known === undefined || request.method === 'ACK' || request.method === 'CANCEL'
      ? undefined
      : judgeOptionTags(request, known);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    const { code, reasonPhrase } = error;
    return { code, status: isAnswerable(request) ? error.status : undefined, reasonPhrase };
  }
}

/** undefined for a response that may be used, else the code of what is wrong: it is dropped (RFC 3261 §18.1.2). */
export function validateResponse(response: SipResponse): string | undefined {
  try {
    if (response.parts.defect !== undefined) throw response.parts.defect;
    checkHeaders(response);
    void response.vias;
    return undefined;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return error.code;
  }
}

/** An answer needs a Via to go by; an ACK is never answered (RFC 3261 §17). */
function isAnswerable(request: SipRequest): boolean {
  if (request.method === 'ACK') return false;
  try {
    return request.topVia !== undefined;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return false;
  }
}

function checkRequest(request: SipRequest): void {
  const { version, parts } = request;
  // Before all else: another version may have another syntax.
  if (!isSip2(version, 0, version.length)) {
    const other = isVersion(version, 0, version.length);
    throw parseError(other ? 'SIP_ERR_VERSION' : 'SIP_ERR_REQUEST_LINE', parts.startLineAt);
  }
  if (parts.defect !== undefined) throw parts.defect;
  void request.topVia;
  checkHeaders(request);
  if (request.cseq.method !== request.method) throw parseError('SIP_ERR_CSEQ_METHOD', parts.startLineAt);
  void request.maxForwards;
  checkRequestUri(request);
  void request.vias;
  if (request.method === 'REGISTER' || request.method === 'SUBSCRIBE') checkOnce(request, headerId.expires);
  if (request.method === 'SUBSCRIBE') checkOnce(request, headerId.event);
  if (request.method === 'REGISTER') {
    void request.contacts;
    // RFC 3261 §10.2: an address of record is a SIP URI.
    if (request.toUri.kind !== 'sip') throw parseError('SIP_ERR_TO_SCHEME', parts.startLineAt);
  }
}

/** Headers that each message has exactly once, or at most once: as bits of the first header integers. */
const singleHeaders =
  (1 << headerId.from) |
  (1 << headerId.to) |
  (1 << headerId['call-id']) |
  (1 << headerId.cseq) |
  (1 << headerId['max-forwards']);

function checkHeaders(message: SipRequest | SipResponse): void {
  const { rows } = message.parts;
  let seen = 0;
  for (let cell = 0; cell < rows.length; cell += rowStride) {
    const header = rows[cell] ?? 0;
    if (header > headerId['max-forwards']) continue;
    const bit = 1 << header;
    if ((seen & bit & singleHeaders) !== 0) throw givenTwice(header, rows[cell + 1] ?? 0);
    seen |= bit;
  }
  void message.from;
  void message.to;
  void message.callId;
  void message.cseq;
}

/** For a header that decides what is done: whoever takes the first and whoever takes the last would do two things. */
function checkOnce(request: SipRequest, header: number): void {
  const { rows } = request.parts;
  const cell = findRow(rows, header);
  const next = cell < 0 ? -1 : findRow(rows, header, cell + rowStride);
  if (next >= 0) throw givenTwice(header, rows[next + 1] ?? 0);
}

function givenTwice(header: number, at: number): SipParseError {
  return inHeader(parseError('SIP_ERR_DUPLICATE_HEADER', at), headerTitle(header));
}

/** RFC 3261 §8.2.2.1, §19.1.5: a SIP or tel URI without headers. */
function checkRequestUri(request: SipRequest): void {
  const { uri } = request;
  if (uri.kind === 'other') throw parseError('SIP_ERR_URI_SCHEME', request.parts.startLineAt);
  if (uri.kind === 'sip' && uri.headers !== '')
    throw parseError('SIP_ERR_URI_HEADERS', request.parts.startLineAt);
}

/** RFC 3261 §8.2.2.3 and §16.3 step 5: the tags not understood are listed in Unsupported. */
function judgeOptionTags(request: SipRequest, known: KnownOptionTags): Verdict | undefined {
  const unsupported: string[] = [];
  if (known.proxyRequire !== undefined) pushUnknown(request.proxyRequire, known.proxyRequire, unsupported);
  if (known.require !== undefined) pushUnknown(request.require, known.require, unsupported);
  if (unsupported.length === 0) return undefined;
  const code: KnownSipErrorCode = 'SIP_ERR_OPTION_TAG';
  return { code, ...sipErrors[code], headers: `Unsupported: ${unsupported.join(', ')}\r\n` };
}

function pushUnknown(tags: readonly string[], known: ReadonlySet<string>, into: string[]): void {
  for (const tag of tags) {
    if (!known.has(tag.toLowerCase())) into.push(tag);
  }
}
