import { canonicalAor, encodeUtf8, parseUri, SipParseError, type SipUri } from '@rollcall/sip';

/** An AOR as a user of the command named it. */
export interface AddressOfRecord {
  /** Canonical: "sip:alice@example.com". */
  readonly aor: string;
  /** The user part as given, escaped. */
  readonly user: string;
  readonly domain: string;
}

/**
 * Reads an AOR: "sip:alice@example.com", or "alice@example.com" for short.
 *
 * @throws TypeError that says what is wrong
 */
export function parseAddressOfRecord(text: string): AddressOfRecord {
  const uri = readSipUri(text.includes(':') ? text : `sip:${text}`);
  if (uri?.user === undefined) {
    throw new TypeError(`"${text}" is no address of record: write it as sip:alice@example.com`);
  }
  return { aor: canonicalAor(uri), user: uri.user, domain: uri.host };
}

/**
 * Reads a contact: any sip or sips URI.
 *
 * @throws TypeError that says what is wrong
 */
export function parseContactUri(text: string): string {
  if (readSipUri(text) === undefined) {
    throw new TypeError(`"${text}" is no contact: write it as sip:alice@192.0.2.1:5060`);
  }
  return encodeUtf8(text);
}

function readSipUri(text: string): SipUri | undefined {
  try {
    const uri = parseUri(encodeUtf8(text));
    return uri.kind === 'sip' ? uri : undefined;
  } catch (error) {
    if (error instanceof SipParseError) return undefined;
    throw error;
  }
}
