/** A subscriber that the load registers as. */
export interface Subscriber {
  readonly user: string;
  readonly password: string;
}

export const domain = 'example.com';

/** "u1" to "u<count>", whose passwords follow from their names. */
export function makeSubscribers(letter: string, count: number): Subscriber[] {
  return Array.from({ length: count }, (_, index) => ({
    user: `${letter}${index + 1}`,
    password: `word-of-${letter}${index + 1}`,
  }));
}

/** As auth reads them. */
export function formatSubscribers(subscribers: readonly Subscriber[]): string {
  return subscribers
    .map(({ user, password }) => `- { username: ${user}, domain: ${domain}, password: ${password} }\n`)
    .join('');
}

/** What a phone was told, and what location must therefore say of it. */
export interface Acknowledged {
  readonly aor: string;
  /** Any of these is right: the last that was acknowledged, and later ones of which the phone never heard. */
  readonly contacts: readonly string[];
}
