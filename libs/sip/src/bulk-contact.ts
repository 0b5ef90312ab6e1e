import { uriParam, withoutUriParam } from './uri-param-text.ts';

/**
 * Whether a contact URI stands for all numbers of a trunk at once: a Bulk Number Contact (RFC 6140 §5.2), told by its
 * parameter bnc.
 */
export function isBulkContact(uri: string): boolean {
  return uriParam(uri, 'bnc') !== undefined;
}

/**
 * The contact of one number, made of a Bulk Number Contact: the number as its user part, without bnc, every other
 * parameter kept (RFC 6140 §5.2).
 *
 * @param number E.164, with "+"
 * @param sg value of the sg parameter of the GRUU that was asked for, to be copied (RFC 6140 §7.1.1); undefined for none
 */
export function expandBulkContact(uri: string, number: string, sg?: string): string {
  const plain = withoutUriParam(uri, 'bnc');
  const schemeEnd = plain.indexOf(':') + 1;
  const contact = `${plain.slice(0, schemeEnd)}${number}@${plain.slice(schemeEnd)}`;
  if (sg === undefined) return contact;
  const withoutOwn = withoutUriParam(contact, 'sg');
  const headersAt = withoutOwn.indexOf('?');
  const end = headersAt < 0 ? withoutOwn.length : headersAt;
  return `${withoutOwn.slice(0, end)};sg${sg === '' ? '' : `=${sg}`}${withoutOwn.slice(end)}`;
}
