import { comma, equals, lowerCase, matchesIgnoringCase, quote, skipSpace, skipToken } from './characters.ts';
import { quoteText, skipQuoted, unquote } from './cursor.ts';
import { type KnownSipErrorCode, parseError } from './errors.ts';
import { limits } from './limits.ts';
import { unescapeUri } from './uri-escapes.ts';

/** The digest response of one Authorization row (RFC 7616 §3.4): values unquoted and unescaped, '' where absent. */
export interface DigestCredentials {
  /** From username or username*; the hashed name where userhash is true. */
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  /** Exactly as sent: the digest is computed over it. */
  readonly uri: string;
  readonly response: string;
  /** '' means MD5. */
  readonly algorithm: string;
  readonly cnonce: string;
  /** Exactly as sent. */
  readonly nc: string;
  /** '' where absent (the RFC 2069 form). */
  readonly qop: string;
  readonly opaque: string;
  readonly userhash: boolean;
}

/** The digest challenge of one WWW-Authenticate row (RFC 7616 §3.3): values unquoted and unescaped, '' where absent. */
export interface DigestChallenge {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque: string;
  readonly algorithm: string;
  /** Comma-separated list of what is offered; '' for the RFC 2069 form. */
  readonly qop: string;
  readonly stale: boolean;
}

/** The values of an Authentication-Info row (RFC 7616 §3.5), '' where absent. */
export interface AuthenticationInfo {
  readonly nextnonce: string;
  readonly qop: string;
  readonly rspauth: string;
  readonly cnonce: string;
  readonly nc: string;
}

/**
 * Reads an Authorization row. undefined: a scheme other than Digest.
 *
 * @throws SipParseError with status 400 where the parameters are malformed or one is given twice.
 */
export function parseDigestCredentials(row: string): DigestCredentials | undefined {
  const params = readDigestParams(row, 'SIP_ERR_AUTHORIZATION');
  if (params === undefined) return undefined;
  const extended = params.get('username*');
  // RFC 7616 §3.4: never both, and never the extended form of a hash.
  if (extended !== undefined && (params.has('username') || params.get('userhash') === 'true'))
    throw parseError('SIP_ERR_AUTHORIZATION', 0);
  return {
    username: extended === undefined ? (params.get('username') ?? '') : decodeExtended(extended),
    realm: params.get('realm') ?? '',
    nonce: params.get('nonce') ?? '',
    uri: params.get('uri') ?? '',
    response: params.get('response') ?? '',
    algorithm: params.get('algorithm') ?? '',
    cnonce: params.get('cnonce') ?? '',
    nc: params.get('nc') ?? '',
    qop: params.get('qop') ?? '',
    opaque: params.get('opaque') ?? '',
    userhash: isTrue(params.get('userhash')),
  };
}

/**
 * Reads a WWW-Authenticate or Proxy-Authenticate row. undefined: a scheme other than Digest.
 *
 * @throws SipParseError where it is malformed.
 */
export function parseDigestChallenge(row: string): DigestChallenge | undefined {
  const params = readDigestParams(row, 'SIP_ERR_CHALLENGE');
  if (params === undefined) return undefined;
  return {
    realm: params.get('realm') ?? '',
    nonce: params.get('nonce') ?? '',
    opaque: params.get('opaque') ?? '',
    algorithm: params.get('algorithm') ?? '',
    qop: params.get('qop') ?? '',
    stale: isTrue(params.get('stale')),
  };
}

/**
 * Reads an Authentication-Info row.
 *
 * @throws SipParseError where it is malformed.
 */
export function parseAuthenticationInfo(row: string): AuthenticationInfo {
  const params = readAuthParams(row, 0, 'SIP_ERR_CHALLENGE');
  return {
    nextnonce: params.get('nextnonce') ?? '',
    qop: params.get('qop') ?? '',
    rspauth: params.get('rspauth') ?? '',
    cnonce: params.get('cnonce') ?? '',
    nc: params.get('nc') ?? '',
  };
}

/** The value of a WWW-Authenticate row (RFC 7616 §3.3). Absent and false parts are left out. */
export function formatDigestChallenge(challenge: {
  readonly realm: string;
  readonly nonce: string;
  readonly opaque?: string;
  readonly algorithm?: string;
  readonly qop?: string;
  readonly stale?: boolean;
}): string {
  let value = `Digest realm=${quoteText(challenge.realm)}, nonce=${quoteText(challenge.nonce)}`;
  if (challenge.opaque) value += `, opaque=${quoteText(challenge.opaque)}`;
  if (challenge.stale) value += ', stale=true';
  if (challenge.algorithm) value += `, algorithm=${challenge.algorithm}`;
  if (challenge.qop) value += `, qop=${quoteText(challenge.qop)}`;
  return value;
}

/** The value of an Authorization row (RFC 7616 §3.4): what a client sends. Absent parts are left out. */
export function formatDigestCredentials(credentials: DigestCredentials): string {
  let value = `Digest username=${quoteText(credentials.username)}, realm=${quoteText(credentials.realm)}`;
  value += `, nonce=${quoteText(credentials.nonce)}, uri=${quoteText(credentials.uri)}`;
  value += `, response=${quoteText(credentials.response)}`;
  if (credentials.algorithm) value += `, algorithm=${credentials.algorithm}`;
  if (credentials.cnonce) value += `, cnonce=${quoteText(credentials.cnonce)}`;
  if (credentials.opaque) value += `, opaque=${quoteText(credentials.opaque)}`;
  if (credentials.qop) value += `, qop=${credentials.qop}`;
  if (credentials.nc) value += `, nc=${credentials.nc}`;
  if (credentials.userhash) value += ', userhash=true';
  return value;
}

function readDigestParams(row: string, code: KnownSipErrorCode): Map<string, string> | undefined {
  const schemeEnd = skipToken(row, 0, row.length);
  if (!matchesIgnoringCase(row, 0, schemeEnd, 'digest')) return undefined;
  return readAuthParams(row, schemeEnd, code);
}

/** auth-params by their names in lower case: name=token or name="…", between commas (RFC 7616 §3.4, RFC 3261 §25.1). */
function readAuthParams(row: string, from: number, code: KnownSipErrorCode): Map<string, string> {
  const params = new Map<string, string>();
  const end = row.length;
  let at = skipSpace(row, from, end);
  while (at < end) {
    const nameEnd = skipToken(row, at, end);
    const name = lowerCase(row, at, nameEnd);
    const equalsAt = skipSpace(row, nameEnd, end);
    if (nameEnd === at || row.charCodeAt(equalsAt) !== equals) throw parseError(code, at);
    const valueStart = skipSpace(row, equalsAt + 1, end);
    const quoted = row.charCodeAt(valueStart) === quote;
    const valueEnd = quoted ? skipQuoted(row, valueStart, end) : skipUnquoted(row, valueStart, end);
    // Two answers to one question: whoever reads the other one than we do would be told something else.
    if (params.has(name) || params.size === limits.params) throw parseError(code, at);
    const value = row.slice(valueStart, valueEnd);
    params.set(name, quoted ? unquote(value) : value);
    at = skipSpace(row, valueEnd, end);
    if (at < end && row.charCodeAt(at) !== comma) throw parseError(code, at);
    at = skipSpace(row, at + 1, end);
  }
  return params;
}

function skipUnquoted(row: string, from: number, end: number): number {
  let at = from;
  while (at < end && row.charCodeAt(at) !== comma && row.charCodeAt(at) > 0x20) at += 1;
  return at;
}

/** UTF-8''… of RFC 5987; UTF-8 is the only charset that RFC 7616 §3.4 allows. */
function decodeExtended(value: string): string {
  const first = value.indexOf("'");
  const second = value.indexOf("'", first + 1);
  if (first < 0 || second < 0 || !matchesIgnoringCase(value, 0, first, 'utf-8'))
    throw parseError('SIP_ERR_AUTHORIZATION', 0);
  return unescapeUri(value.slice(second + 1));
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && matchesIgnoringCase(value, 0, value.length, 'true');
}
