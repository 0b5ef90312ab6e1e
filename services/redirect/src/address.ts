import {
  canonicalAor,
  type Param,
  parseUri,
  SipParseError,
  type SipUri,
  type TelUri,
  unescapeUri,
} from '@rollcall/sip';
import { globalNumber, localNumber } from './phone-number.ts';

/** Whom a request addresses. */
export interface Address {
  /** Canonical AOR; empty for a global tel number, which names no domain. */
  readonly aor: string;
  /** The E.164 number with "+" that the address is, or looks like; empty for none. */
  readonly number: string;
  /** True where the address says that it is a number (tel, user=phone). */
  readonly saysNumber: boolean;
  /** Domain of the request in lower case; empty for a tel URI without one. */
  readonly domain: string;
  /** True where only sips: targets will do (RFC 3261 §26.4.4). */
  readonly secure: boolean;
  /** The instance that a GRUU names (RFC 5627 §3.2); '' for a gr without value; undefined where it is no GRUU. */
  readonly instanceId: string | undefined;
  /** The sg parameter, by which a trunk tells its own devices apart (RFC 6140 §7.1.1), as received; undefined for none. */
  readonly sg: string | undefined;
}

/** Why an address leads nowhere, before anybody is asked. */
export interface AddressFault {
  readonly status: number;
  readonly reasonPhrase: string;
}

/** Reads a Request-URI. */
export function readAddress(requestUri: string): Address | AddressFault {
  try {
    const uri = parseUri(requestUri);
    switch (uri.kind) {
      case 'sip':
        return readSipAddress(uri);
      case 'tel':
        return readTelAddress(uri);
      default:
        return { status: 416, reasonPhrase: 'Unsupported URI Scheme' };
    }
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return { status: error.status ?? 400, reasonPhrase: 'Bad Request-URI' };
  }
}

function readSipAddress(uri: SipUri): Address | AddressFault {
  // A domain is nobody: what addresses the server itself is answered by the edge.
  if (uri.user === undefined || uri.user === '') return { status: 404, reasonPhrase: 'Not Found' };
  const gr = parameterValue(uri.params, 'gr');
  const number = globalNumber(userWithoutParameters(uri.user)) ?? '';
  const isPhone = parameterValue(uri.params, 'user')?.toLowerCase() === 'phone';
  const called = isPhone && number === '' ? withLocalNumber(uri, uri.user) : uri;
  // A local number under a country's prefix names no domain of ours.
  if (called.host.startsWith('+')) return { status: 404, reasonPhrase: 'Not Found' };
  return {
    aor: canonicalAor(called),
    number,
    saysNumber: isPhone && number !== '',
    domain: called.host,
    secure: uri.scheme === 'sips',
    instanceId: gr === undefined ? undefined : unescapeUri(gr),
    sg: parameterValue(uri.params, 'sg'),
  };
}

/**
 * The user that a local number in a user part is (RFC 3261 §19.1.6): without visual separators, and of the domain that its
 * phone-context names (RFC 3966 §5.1.5). What is no number stays as it is.
 */
function withLocalNumber(uri: SipUri, user: string): SipUri {
  const local = localNumber(userWithoutParameters(user));
  return local === '' ? uri : { ...uri, user: escapeLocal(local), host: phoneContextOf(user) ?? uri.host };
}

/** A global number is asked for as such; a local one is a user of the domain that its phone-context names. */
function readTelAddress(uri: TelUri): Address | AddressFault {
  const global = globalNumber(uri.number);
  if (global !== undefined)
    return {
      aor: '',
      number: global,
      saysNumber: true,
      domain: '',
      secure: false,
      instanceId: undefined,
      sg: undefined,
    };
  const local = localNumber(uri.number);
  const context = parameterValue(uri.params, 'phone-context')?.toLowerCase();
  // A local number without context is malformed (RFC 3966 §5.1.5); one under a country's prefix names no domain of ours.
  if (local === '' || context === undefined || context === '')
    return { status: 400, reasonPhrase: 'Bad Request-URI' };
  if (context.startsWith('+')) return { status: 404, reasonPhrase: 'Not Found' };
  return readAddress(`sip:${escapeLocal(local)}@${context}`);
}

function escapeLocal(number: string): string {
  return number.replaceAll('#', '%23');
}

/** The phone-context among the parameters of a user part, in lower case; undefined for none (RFC 3966 §5.1.5). */
function phoneContextOf(user: string): string | undefined {
  for (const param of user.split(';').slice(1)) {
    const [name = '', value = ''] = param.split('=', 2);
    if (unescapeUri(name).toLowerCase() === 'phone-context' && value !== '')
      return unescapeUri(value).toLowerCase();
  }
  return undefined;
}

/** The telephone-subscriber of a user part: without its own parameters, unescaped (RFC 3261 §19.1.6). */
function userWithoutParameters(user: string): string {
  const semicolon = user.indexOf(';');
  return unescapeUri(semicolon < 0 ? user : user.slice(0, semicolon));
}

function parameterValue(params: readonly Param[], name: string): string | undefined {
  for (const param of params) {
    if (param.name.toLowerCase() === name) return param.value ?? '';
  }
  return undefined;
}
