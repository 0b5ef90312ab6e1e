import {
  at as atSign,
  codeAt,
  colon,
  isHex,
  isHostCharacter,
  isLetter,
  isSchemeCharacter,
  isUriCharacter,
  lowerCase,
  matchesIgnoringCase,
  openBracket,
  peekAt,
  percent,
  question,
  semicolon,
} from './characters.ts';
import { noParams, type Param } from './cursor.ts';
import { parseDecimal } from './decimal.ts';
import { parseError } from './errors.ts';
import { canonicalHost, isIpv6Reference } from './ip-address.ts';
import { parseTelUri, type TelUri } from './tel-uri.ts';
import { readUriParams } from './uri-params.ts';

/** A sip or sips URI (RFC 3261 §19.1.1). */
export interface SipUri {
  readonly kind: 'sip';
  readonly scheme: 'sip' | 'sips';
  /** Escaped as received; undefined where there is none. */
  readonly user: string | undefined;
  /** Escaped as received; undefined where there is none. */
  readonly password: string | undefined;
  /** Lower case; an IPv6 reference with its brackets, in the form of RFC 5952: equal hosts are equal texts. */
  readonly host: string;
  /** undefined where not given, which is not the same as the default port (§19.1.4). */
  readonly port: number | undefined;
  /** URI parameters, values escaped as received. */
  readonly params: readonly Param[];
  /** What follows the question mark, as received; '' where there is none. */
  readonly headers: string;
}

/** A URI of any other scheme, kept whole. */
export interface OtherUri {
  readonly kind: 'other';
  /** Lower case. */
  readonly scheme: string;
  /** What follows the colon, as received. */
  readonly rest: string;
}

/** Any URI. */
export type Uri = SipUri | TelUri | OtherUri;

/**
 * Reads a URI.
 *
 * @throws SipParseError with status 400 where it is none.
 */
export function parseUri(text: string): Uri {
  const end = text.length;
  let schemeEnd = 0;
  if (isLetter(peekAt(text, 0, end))) {
    while (schemeEnd < end && isSchemeCharacter(codeAt(text, schemeEnd))) schemeEnd += 1;
  }
  if (schemeEnd === 0 || schemeEnd >= end - 1 || codeAt(text, schemeEnd) !== colon)
    throw parseError('SIP_ERR_URI', schemeEnd);
  if (matchesIgnoringCase(text, 0, schemeEnd, 'sip')) return parseSipUri(text, 'sip');
  if (matchesIgnoringCase(text, 0, schemeEnd, 'sips')) return parseSipUri(text, 'sips');
  checkCharacters(text, schemeEnd + 1, end, false);
  if (matchesIgnoringCase(text, 0, schemeEnd, 'tel')) return parseTelUri(text);
  return { kind: 'other', scheme: lowerCase(text, 0, schemeEnd), rest: text.slice(schemeEnd + 1) };
}

function parseSipUri(text: string, scheme: 'sip' | 'sips'): SipUri {
  const start = scheme.length + 1;
  const end = text.length;
  const userEnd = checkCharacters(text, start, end, true);
  let user: string | undefined;
  let password: string | undefined;
  let hostStart = start;
  if (userEnd >= 0) {
    // Any of ";?/" may stand in a user part, so the at sign is found first (§19.1.1).
    const colonAt = text.indexOf(':', start);
    const split = colonAt >= 0 && colonAt < userEnd ? colonAt : userEnd;
    if (split === start) throw parseError('SIP_ERR_URI', start);
    user = text.slice(start, split);
    if (split < userEnd) password = text.slice(split + 1, userEnd);
    hostStart = userEnd + 1;
  }
  const hostEnd = skipHost(text, hostStart, end);
  let position = hostEnd;
  let port: number | undefined;
  if (peekAt(text, position, end) === colon) {
    position += 1;
    const portStart = position;
    while (position < end && isHostCharacter(codeAt(text, position))) position += 1;
    port = parseDecimal(text, portStart, position);
    if (port < 0 || port > 65_535) throw parseError('SIP_ERR_URI', portStart);
  }
  const headersAt = text.indexOf('?', position);
  const paramsEnd = headersAt < 0 ? end : headersAt;
  return {
    kind: 'sip',
    scheme,
    user,
    password,
    host: canonicalHost(lowerCase(text, hostStart, hostEnd)),
    port,
    params: position < paramsEnd ? readUriParams(text, position, paramsEnd) : noParams,
    headers: headersAt < 0 ? '' : text.slice(headersAt + 1),
  };
}

/**
 * Checks the characters and escapes of text[from, end). Returns the offset of the at sign or -1; a second one is
 * refused where `userInfo` says that the first ends the user part.
 */
function checkCharacters(text: string, from: number, end: number, userInfo: boolean): number {
  let found = -1;
  for (let position = from; position < end; position += 1) {
    const code = codeAt(text, position);
    if (!isUriCharacter(code)) throw parseError('SIP_ERR_URI', position);
    if (
      code === percent &&
      !(isHex(peekAt(text, position + 1, end)) && isHex(peekAt(text, position + 2, end)))
    )
      throw parseError('SIP_ERR_URI', position);
    if (code === atSign && userInfo) {
      if (found >= 0) throw parseError('SIP_ERR_URI', position);
      found = position;
    }
  }
  return found;
}

function skipHost(text: string, from: number, end: number): number {
  let position = from;
  if (peekAt(text, from, end) === openBracket) {
    const close = text.indexOf(']', from);
    if (close < 0 || !isIpv6Reference(text.slice(from, close + 1))) throw parseError('SIP_ERR_URI', from);
    position = close + 1;
  } else {
    while (position < end && isHostCharacter(codeAt(text, position))) position += 1;
    if (position === from) throw parseError('SIP_ERR_URI', from);
  }
  const next = peekAt(text, position, end);
  if (position < end && next !== colon && next !== semicolon && next !== question)
    throw parseError('SIP_ERR_URI', position);
  return position;
}
