import { codeAt, isAorUserCharacter } from './characters.ts';
import { canonicalHost } from './ip-address.ts';
import type { SipUri } from './uri.ts';
import { escapeByte, unescapeUri } from './uri-escapes.ts';

/**
 * The one text of an address of record (RFC 3261 §10.3 step 5): "sip:user@domain" in printable ASCII. The user part is
 * unescaped exactly once, and each byte that is not plain in a user part is then written as %HH; so two spellings of a
 * user have one AOR, and two users never do. Host in lower case; no port, no password, no parameters; sips as sip.
 */
export function canonicalAor(uri: SipUri): string {
  const host = canonicalHost(uri.host);
  return uri.user === undefined ? `sip:${host}` : `sip:${canonicalUser(uri.user)}@${host}`;
}

function canonicalUser(user: string): string {
  if (isCanonical(user)) return user;
  const plain = unescapeUri(user);
  let canonical = '';
  for (let at = 0; at < plain.length; at += 1) {
    const code = codeAt(plain, at);
    canonical += isAorUserCharacter(code) ? String.fromCharCode(code) : escapeByte(code & 0xff);
  }
  return canonical;
}

function isCanonical(user: string): boolean {
  for (let at = 0; at < user.length; at += 1) {
    if (!isAorUserCharacter(codeAt(user, at))) return false;
  }
  return true;
}
