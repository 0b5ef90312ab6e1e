import { canonicalAor, canonicalHost, encodeUtf8, parseUri, SipParseError } from '@rollcall/sip';
import { invalidArgument } from './faults.ts';

/** Longer than any address in use, and short enough for keys and logs. */
const maxAorLength = 1024;

/**
 * Makes an AOR that somebody asks for, as text that people read, canonical (RFC 3261 §10.3 step 5).
 *
 * @throws ServiceFault AOR_INVALID where it is no SIP URI with a user: nothing is ever bound to a domain
 */
export function readAor(text: string): string {
  if (text.length > maxAorLength)
    throw invalidArgument('AOR_INVALID', `an AOR has ${maxAorLength} characters at most`);
  try {
    const uri = parseUri(encodeUtf8(text));
    if (uri.kind === 'sip' && uri.user !== undefined) return canonicalAor(uri);
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
  throw invalidArgument('AOR_INVALID', 'an AOR is a SIP URI with a user, for example sip:alice@example.com');
}

/**
 * Reads a domain that somebody asks for.
 *
 * @throws ServiceFault DOMAIN_INVALID where it is no host name or address
 */
export function readDomain(text: string): string {
  try {
    const uri = parseUri(`sip:u@${encodeUtf8(text)}`);
    // A port, parameters or a user of its own would not be in the host.
    if (uri.kind === 'sip' && uri.host === canonicalHost(text.toLowerCase()) && text.length <= maxAorLength)
      return uri.host;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
  }
  throw invalidArgument('DOMAIN_INVALID', 'a domain is a host name, for example example.com');
}

/**
 * Holds our own services to their word. Keys of the store contain the AOR, so what is not printable ASCII must not pass.
 *
 * @throws ServiceFault AOR_INVALID
 */
export function requireCanonicalAor(aor: string): void {
  if (!isCanonical(aor)) throw invalidArgument('AOR_INVALID', 'the AOR is not canonical');
}

function isCanonical(aor: string): boolean {
  if (aor.length > maxAorLength || !aor.startsWith('sip:')) return false;
  for (let at = 4; at < aor.length; at += 1) {
    const code = aor.charCodeAt(at);
    if (code <= 0x20 || code >= 0x7f) return false;
  }
  return aor.length > 4;
}
