import { codeAt, comma, equals, matchesIgnoringCase, quote, skipSpace, skipToken } from './characters.ts';
import { quoteText, skipQuoted, unquoteIn } from './cursor.ts';
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
  return parseCredentialsIn(row, 0, row.length);
}

/** parseDigestCredentials of the row text[from, end). */
export function parseCredentialsIn(text: string, from: number, end: number): DigestCredentials | undefined {
  const values = readDigestValues(text, from, end, credentialNames, 'SIP_ERR_AUTHORIZATION');
  if (values === undefined) return undefined;
  const [
    username,
    realm = '',
    nonce = '',
    uri = '',
    response = '',
    algorithm = '',
    cnonce = '',
    nc = '',
    qop = '',
    opaque = '',
    hashed = '',
    extended,
  ] = values;
  const userhash = isTrue(hashed);
  // RFC 7616 §3.4: never both, and never the extended form of a hash.
  if (extended !== undefined && (username !== undefined || userhash))
    throw parseError('SIP_ERR_AUTHORIZATION', 0);
  return {
    username: extended === undefined ? (username ?? '') : decodeExtended(extended),
    realm,
    nonce,
    uri,
    response,
    algorithm,
    cnonce,
    nc,
    qop,
    opaque,
    userhash,
  };
}

/**
 * Reads a WWW-Authenticate or Proxy-Authenticate row. undefined: a scheme other than Digest.
 *
 * @throws SipParseError where it is malformed.
 */
export function parseDigestChallenge(row: string): DigestChallenge | undefined {
  const values = readDigestValues(row, 0, row.length, challengeNames, 'SIP_ERR_CHALLENGE');
  if (values === undefined) return undefined;
  const [realm = '', nonce = '', opaque = '', algorithm = '', qop = '', stale = ''] = values;
  return { realm, nonce, opaque, algorithm, qop, stale: isTrue(stale) };
}

/**
 * Reads an Authentication-Info row.
 *
 * @throws SipParseError where it is malformed.
 */
export function parseAuthenticationInfo(row: string): AuthenticationInfo {
  const values = readAuthValues(row, 0, row.length, infoNames, 'SIP_ERR_CHALLENGE');
  const [nextnonce = '', qop = '', rspauth = '', cnonce = '', nc = ''] = values;
  return { nextnonce, qop, rspauth, cnonce, nc };
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

/** The value of an Authentication-Info row; '' where there is nothing to say. */
export function formatAuthenticationInfo(info: AuthenticationInfo): string {
  const values: string[] = [];
  if (info.nextnonce !== '') values.push(`nextnonce=${quoteText(info.nextnonce)}`);
  if (info.rspauth !== '') {
    if (info.qop !== '') values.push(`qop=${info.qop}`);
    values.push(`rspauth=${quoteText(info.rspauth)}`);
    if (info.qop !== '') values.push(`cnonce=${quoteText(info.cnonce)}`, `nc=${info.nc}`);
  }
  return values.join(', ');
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

/** The parameters that are read, in the order in which their values are handed over; others are skipped. */
const credentialNames = [
  'username',
  'realm',
  'nonce',
  'uri',
  'response',
  'algorithm',
  'cnonce',
  'nc',
  'qop',
  'opaque',
  'userhash',
  'username*',
] as const;
const challengeNames = ['realm', 'nonce', 'opaque', 'algorithm', 'qop', 'stale'] as const;
const infoNames = ['nextnonce', 'qop', 'rspauth', 'cnonce', 'nc'] as const;

type Values = (string | undefined)[];

function readDigestValues(
  text: string,
  from: number,
  end: number,
  names: readonly string[],
  code: KnownSipErrorCode,
): Values | undefined {
  const schemeEnd = skipToken(text, from, end);
  if (!matchesIgnoringCase(text, from, schemeEnd, 'digest')) return undefined;
  return readAuthValues(text, schemeEnd, end, names, code);
}

/**
 * Values of the auth-params of those names: name=token or name="…", between commas (RFC 7616 §3.4, RFC 3261 §25.1).
 * The names are few and differ in length: going through them costs less than a map and its strings.
 */
function readAuthValues(
  row: string,
  from: number,
  end: number,
  names: readonly string[],
  code: KnownSipErrorCode,
): Values {
  const values: Values = new Array<string | undefined>(names.length).fill(undefined);
  let count = 0;
  let at = skipCommas(row, from, end);
  while (at < end) {
    const nameStart = at;
    const nameEnd = skipToken(row, at, end);
    const equalsAt = skipSpace(row, nameEnd, end);
    if (nameEnd === at || equalsAt === end || codeAt(row, equalsAt) !== equals) throw parseError(code, at);
    const valueStart = skipSpace(row, equalsAt + 1, end);
    const quoted = valueStart < end && codeAt(row, valueStart) === quote;
    const valueEnd = quoted ? skipQuoted(row, valueStart, end) : skipUnquoted(row, valueStart, end);
    count += 1;
    if (count > limits.params) throw parseError(code, at);
    const index = findName(names, row, nameStart, nameEnd);
    if (index >= 0) {
      // Two answers to one question: whoever reads the other one than we do would be told something else.
      if (values[index] !== undefined) throw parseError(code, at);
      values[index] = quoted ? unquoteIn(row, valueStart, valueEnd) : row.slice(valueStart, valueEnd);
    }
    at = skipSpace(row, valueEnd, end);
    if (at < end && codeAt(row, at) !== comma) throw parseError(code, at);
    at = skipCommas(row, at, end);
  }
  return values;
}

/** Past white space and commas: empty elements of a list mean nothing (RFC 7235 §1.2, RFC 7230 §7). */
function skipCommas(row: string, from: number, end: number): number {
  let at = skipSpace(row, from, end);
  while (at < end && codeAt(row, at) === comma) at = skipSpace(row, at + 1, end);
  return at;
}

function findName(names: readonly string[], row: string, from: number, end: number): number {
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    if (name.length === end - from && matchesIgnoringCase(row, from, end, name)) return index;
  }
  return -1;
}

function skipUnquoted(row: string, from: number, end: number): number {
  let at = from;
  while (at < end && codeAt(row, at) !== comma && codeAt(row, at) > 0x20) at += 1;
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

function isTrue(value: string): boolean {
  return matchesIgnoringCase(value, 0, value.length, 'true');
}
