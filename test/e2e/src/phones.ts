/** The domain that the suites' subscribers are in. */
export const domain = 'example.com';

/** A subscriber, and where its phone says it is. */
export interface Phone {
  readonly user: string;
  readonly password: string;
  readonly aor: string;
  /** Contact URI; nobody listens there. */
  readonly contact: string;
  readonly contactPort: number;
}

/**
 * Below every port that a client of the tests sends from: a contact where its own TCP connection comes from would be that
 * connection, and end with it.
 */
const firstContactPort = 2000;

/** So many phones: prefix1, prefix2, … */
export function makePhones(prefix: string, count: number): Phone[] {
  return Array.from({ length: count }, (_, index) => {
    const user = `${prefix}${index + 1}`;
    const contactPort = firstContactPort + index;
    return {
      user,
      password: `secret-of-${user}`,
      aor: `sip:${user}@${domain}`,
      contact: `sip:${user}@127.0.0.1:${contactPort}`,
      contactPort,
    };
  });
}

/** A subscribers.yaml with these phones. */
export function formatSubscribers(phones: readonly Phone[]): string {
  return phones
    .map(({ user, password }) => `- { username: ${user}, domain: ${domain}, password: ${password} }\n`)
    .join('');
}

/** An injection file of SIPp: user; [authentication …]; port of the contact. */
export function formatInjection(phones: readonly Phone[]): string {
  const rows = phones.map(
    ({ user, password, contactPort }) =>
      `${user};[authentication username=${user} password=${password}];${contactPort}`,
  );
  return `SEQUENTIAL\n${rows.join('\n')}\n`;
}
