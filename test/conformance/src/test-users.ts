/** The domain that the suite's subscribers are in, which is their realm too. */
export const domain = 'example.com';

/** A subscriber of the suite. */
export interface TestUser {
  readonly username: string;
  readonly password: string;
  readonly aor: string;
}

/** Users with a role of their own; cases that change bindings take a fresh user instead. */
export const alice = userOf('alice', 'wonderland');
export const bob = userOf('bob', 'builder');
/** Exists and never registers. */
export const carol = userOf('carol', 'christmas');
/** May register the AORs of the first throw-away users beside its own: a third party. */
export const admin = userOf('admin', 'administration');

/** Lets bob watch its registrations. */
export const watched = userOf('watched', 'openness');

/** Names whose AORs the admin may register. */
const sponsoredCount = 20;

/** The users that the admin may register, and who are given to no case as fresh users. */
export const sponsored: readonly TestUser[] = makeUsers('sponsored', sponsoredCount);

/** So many throw-away users: prefix1, prefix2, … */
export function makeUsers(prefix: string, count: number): TestUser[] {
  return Array.from({ length: count }, (_, index) =>
    userOf(`${prefix}${index + 1}`, `secret-of-${prefix}${index + 1}`),
  );
}

/** First three bytes of the addresses from which the users of the torture archives need no credentials. */
export const trustedPhones = '127.99.0';

/** Users of the torture archives who register, as YAML has them. */
const torturedUsers = ['user', 'j.user', 'watson', '"null-"', '"null-\\0-null"'];

/** A subscribers.yaml with everybody above and the given users. */
export function formatSubscribers(users: readonly TestUser[]): string {
  const aors = sponsored.map(({ aor }) => `"${aor}"`).join(', ');
  const plain = [alice, bob, carol, ...sponsored, ...users].map(formatUser);
  const trusted = torturedUsers.map(
    (username) => `- { username: ${username}, domain: ${domain}, networks: [${trustedPhones}.0/24] }`,
  );
  return [
    ...plain,
    ...trusted,
    formatUser(watched).replace(' }', `, watchers: ["${bob.aor}"] }`),
    formatUser(admin).replace(' }', `, aors: [${aors}] }`),
    '',
  ].join('\n');
}

function formatUser({ username, password }: TestUser): string {
  return `- { username: ${username}, domain: ${domain}, password: ${password} }`;
}

function userOf(username: string, password: string): TestUser {
  return { username, password, aor: `sip:${username}@${domain}` };
}
