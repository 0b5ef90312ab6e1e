import type { SipResponse } from '@rollcall/sip';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

/** A contact of a 200 or 302, as JSON shows it. */
export interface ShownContact {
  readonly contact: string;
  /** undefined where the answer does not say. */
  readonly expiresSec: number | undefined;
  /** 0 to 1; undefined where the answer does not say. */
  readonly q: number | undefined;
  /** All other parameters, each with its leading semicolon. */
  readonly params: string;
}

/**
 * The contacts of an answer, in its order.
 *
 * @throws SipParseError where its Contact header is malformed
 */
export function readContacts(response: SipResponse): ShownContact[] {
  const header = response.contacts;
  if (header.star) return [];
  return header.contacts.map(({ uri, expiresSec, qMilli, otherParams }) => ({
    contact: printable(uri),
    expiresSec,
    q: qMilli === undefined ? undefined : qMilli / 1000,
    params: printable(otherParams),
  }));
}

/** Lines of a table of contacts. */
export function formatContacts(contacts: readonly ShownContact[]): string[] {
  return formatTable(
    ['CONTACT', 'EXPIRES IN', 'Q', 'PARAMETERS'],
    contacts.map(({ contact, expiresSec, q, params }) => [
      contact,
      expiresSec === undefined ? '' : `${expiresSec} s`,
      q === undefined ? '' : String(q),
      params,
    ]),
  );
}
