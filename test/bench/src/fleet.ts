import { hash } from 'node:crypto';

/** The one domain of the benchmark, and the realm of its challenges. */
export const domain = 'bench.example';

/** The user part of a phone's AOR. */
export function userOf(index: number): string {
  return `u${String(index).padStart(7, '0')}`;
}

/** MD5 of user, realm and password: all that a server needs to know of a password (RFC 2617 section 3.2.2.2). */
export function ha1Of(user: string): string {
  return hash('md5', `${user}:${domain}:${passwordOf(user)}`);
}

/** The password of a user. */
export function passwordOf(user: string): string {
  return `secret-of-${user}`;
}

/** subscribers.yaml with so many users; HA1 only, so that starting does not hash all of them. */
export function formatSubscribers(count: number): string {
  let text = '';
  for (let index = 0; index < count; index += 1) {
    const user = userOf(index);
    text += `- { username: ${user}, domain: ${domain}, ha1: { MD5: ${ha1Of(user)} } }\n`;
  }
  return text;
}

/** The same users as a table that Kamailio's htable module loads through db_text. */
export function formatPasswordTable(count: number): string {
  let text = 'id(int,auto) key_name(string) key_type(int) value_type(int) key_value(string) expires(int)\n';
  for (let index = 0; index < count; index += 1) {
    const user = userOf(index);
    text += `${index + 1}:${user}:0:0:${ha1Of(user)}:0\n`;
  }
  return text;
}
