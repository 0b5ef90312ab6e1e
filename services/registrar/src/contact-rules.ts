import { parseUri, SipParseError, sameUri, type Uri } from '@rollcall/sip';

/** One contact of a REGISTER, as far as it can be judged by itself. */
export interface RegisteredContact {
  readonly uri: string;
  readonly instanceId: string;
}

/**
 * Judges a contact's URI: `malformed` deserves 400; `forbidden` 403. A contact with an instance-id could be given a
 * GRUU, which leads from the AOR to it: it must be a SIP URI other than the AOR and the AOR's GRUUs, or requests would
 * go in circles (RFC 5627 §5.1). A contact without may be any URI (RFC 3261 §10.2.1), even the AOR itself, which the
 * redirect service leaves out again.
 */
export function judgeContact(contact: RegisteredContact, aor: string): 'good' | 'malformed' | 'forbidden' {
  let uri: Uri;
  try {
    uri = parseUri(contact.uri);
  } catch (error) {
    if (error instanceof SipParseError) return 'malformed';
    throw error;
  }
  if (contact.instanceId === '') return 'good';
  if (uri.kind !== 'sip') return 'forbidden';
  const asRegistered = uri.headers === '' ? contact.uri : contact.uri.slice(0, contact.uri.indexOf('?'));
  return isAddressOf(asRegistered, aor) ? 'forbidden' : 'good';
}

/** True for the AOR itself, as sip or sips, and for each of its GRUUs, which are the AOR with a gr parameter. */
function isAddressOf(uri: string, aor: string): boolean {
  const grAt = uri.toLowerCase().indexOf(';gr');
  const afterGr = grAt < 0 ? '' : (uri[grAt + 3] ?? ';');
  const bare = afterGr === '=' || afterGr === ';' ? uri.slice(0, grAt) : uri;
  const asSip = bare.slice(0, 5).toLowerCase() === 'sips:' ? `sip:${bare.slice(5)}` : bare;
  return sameUri(asSip, aor);
}
