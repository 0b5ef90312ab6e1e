/**
 * The digest response of one Authorization row, values unquoted and unescaped (RFC 7616 §3.4): byte strings, empty
 * where the parameter is absent.
 */
export interface PresentedCredentials {
  /** The user name, or its hash where userhash is true. */
  readonly username: string;
  readonly realm: string;
  readonly nonce: string;
  /** Exactly as sent: the digest is computed over it. */
  readonly uri: string;
  readonly response: string;
  /** Empty means MD5. */
  readonly algorithm: string;
  readonly cnonce: string;
  /** Exactly as sent. */
  readonly nc: string;
  /** Empty is the form of RFC 2069. */
  readonly qop: string;
  readonly opaque: string;
  readonly userhash: boolean;
}

/**
 * Picks the credentials that count among those of several Authorization rows (RFC 3261 §22.3, RFC 8760 §2.4): those
 * of the realm, and of these the ones whose algorithm was offered first. Where none has an algorithm that was offered, the
 * first of the realm; undefined where there are none for the realm.
 */
export function pickCredentials<Presented extends PresentedCredentials>(
  presented: readonly Presented[],
  realm: string,
  offeredAlgorithms: readonly string[],
): Presented | undefined {
  let best: Presented | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const credentials of presented) {
    if (credentials.realm !== realm) continue;
    const rank = rankAlgorithm(credentials.algorithm, offeredAlgorithms);
    if (best !== undefined && rank >= bestRank) continue;
    best = credentials;
    bestRank = rank;
  }
  return best;
}

/** The place of an algorithm parameter among those offered; the number offered where it is not among them. */
export function rankAlgorithm(parameter: string, offeredAlgorithms: readonly string[]): number {
  const wanted = parameter === '' ? 'MD5' : parameter.toUpperCase();
  for (const [rank, offered] of offeredAlgorithms.entries()) {
    if (offered.toUpperCase() === wanted) return rank;
  }
  return offeredAlgorithms.length;
}
