/** Characters that a parameter of a URI shows plainly (RFC 3261 §25.1, paramchar). */
const plain = new Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()[]/:&+$");

/**
 * The public GRUU of an instance: its AOR with the instance-id as gr parameter (RFC 5627 §3.1.1). It needs no memory and
 * no secret, and is the same for ever.
 *
 * @param aor canonical
 */
export function formatPublicGruu(aor: string, instanceId: string): string {
  return `${aor};gr=${escapeValue(instanceId)}`;
}

/**
 * The public GRUU of a trunk's Bulk Number Contact (RFC 6140 §7.1.1): without user part, which the trunk sets to one of
 * its numbers, and with bnc.
 */
export function formatBulkGruu(aor: string, instanceId: string): string {
  return `sip:${aor.slice(aor.lastIndexOf('@') + 1)};bnc;gr=${escapeValue(instanceId)}`;
}

/**
 * Whether a text can be an instance-id that somebody was given a public GRUU for: a URN (RFC 5626 §4.1), in the case of
 * urn:uuid a whole UUID. Any other gr parameter leads nowhere.
 */
export function isInstanceId(text: string): boolean {
  if (/^urn:uuid:/i.test(text)) return /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  return /^urn:[a-z0-9][a-z0-9-]{0,31}:./i.test(text);
}

function escapeValue(value: string): string {
  let escaped = '';
  for (const char of value) {
    escaped += plain.has(char) ? char : `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}
