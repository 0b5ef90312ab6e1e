import type { TemporaryGruus } from '@rollcall/gruu';
import {
  canonicalAor,
  findParam,
  parseUri,
  SipParseError,
  type SipUri,
  sameUri,
  type Uri,
} from '@rollcall/sip';

/** One contact of a REGISTER, as far as it can be judged by itself. */
export interface RegisteredContact {
  readonly uri: string;
  readonly instanceId: string;
}

/** What a contact's URI deserves: 400 for `malformed`, and for a Bulk Number Contact that names somebody; 403. */
export type ContactVerdict = 'good' | 'malformed' | 'bad-bulk-contact' | 'forbidden';

/**
 * Judges a contact's URI. A Bulk Number Contact has neither a user part nor a user parameter (RFC 6140 §5.2, §5.3). A
 * contact with an instance-id could be given a GRUU, which leads from the AOR to it: it must be a SIP URI other than the
 * AOR and the AOR's GRUUs, or requests would go in circles (RFC 5627 §5.1). A contact without may be any URI
 * (RFC 3261 §10.2.1), even the AOR itself, which the redirect service leaves out again.
 *
 * @param gruus opens the temporary GRUUs that have been given out
 */
export function judgeContact(
  contact: RegisteredContact,
  aor: string,
  gruus: Pick<TemporaryGruus, 'open'>,
): ContactVerdict {
  let uri: Uri;
  try {
    uri = parseUri(contact.uri);
  } catch (error) {
    if (error instanceof SipParseError) return 'malformed';
    throw error;
  }
  if (uri.kind === 'sip' && isBadBulkContact(uri)) return 'bad-bulk-contact';
  if (contact.instanceId === '') return 'good';
  if (uri.kind !== 'sip') return 'forbidden';
  if (gruus.open(canonicalAor(uri))?.aor === aor) return 'forbidden';
  const asRegistered = uri.headers === '' ? contact.uri : contact.uri.slice(0, contact.uri.indexOf('?'));
  return isAddressOf(asRegistered, aor) ? 'forbidden' : 'good';
}

function isBadBulkContact({ params, user }: SipUri): boolean {
  if (params.length === 0 || findParam(params, 'bnc') === undefined) return false;
  return user !== undefined || findParam(params, 'user') !== undefined;
}

/** True for the AOR itself, as sip or sips, and for each of its GRUUs, which are the AOR with a gr parameter. */
function isAddressOf(uri: string, aor: string): boolean {
  const grAt = uri.toLowerCase().indexOf(';gr');
  const afterGr = grAt < 0 ? '' : (uri[grAt + 3] ?? ';');
  const bare = afterGr === '=' || afterGr === ';' ? uri.slice(0, grAt) : uri;
  const asSip = bare.slice(0, 5).toLowerCase() === 'sips:' ? `sip:${bare.slice(5)}` : bare;
  return sameUri(asSip, aor);
}
