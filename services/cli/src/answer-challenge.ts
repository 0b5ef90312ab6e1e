import { computeHa1, computeResponse, digestAlgorithms, readAlgorithm } from '@rollcall/digest';
import { type DigestChallenge, formatDigestCredentials } from '@rollcall/sip';

/** Who registers. Byte strings. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What credentials are computed over. */
export interface ChallengedRequest {
  readonly method: string;
  readonly requestUri: string;
}

/** The strongest of the challenges that can be answered here (RFC 8760 §2.4); undefined where none can. */
export function pickStrongest(challenges: readonly DigestChallenge[]): DigestChallenge | undefined {
  for (const algorithm of digestAlgorithms) {
    const found = challenges.find(
      (each) => readAlgorithm(each.algorithm)?.algorithm === algorithm && canAnswerQop(each.qop),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * Value of the Authorization row that answers a challenge (RFC 7616 §3.4). The nonce is used for the first time.
 *
 * @param cnonce never used before
 */
export function answerChallenge(
  challenge: DigestChallenge,
  login: Login,
  request: ChallengedRequest,
  cnonce: string,
): string {
  const { algorithm, sess } = readAlgorithm(challenge.algorithm) ?? {
    algorithm: 'MD5' as const,
    sess: false,
  };
  const { realm, nonce } = challenge;
  const qop = challenge.qop === '' ? '' : 'auth';
  const nc = qop === '' ? '' : '00000001';
  const usedCnonce = qop === '' && !sess ? '' : cnonce;
  const response = computeResponse(computeHa1(algorithm, login.username, realm, login.password), {
    algorithm,
    sess,
    uri: request.requestUri,
    method: request.method,
    nonce,
    cnonce: usedCnonce,
    nc,
    qop,
    body: new Uint8Array(),
  });
  return formatDigestCredentials({
    username: login.username,
    realm,
    nonce,
    uri: request.requestUri,
    response,
    algorithm: challenge.algorithm,
    cnonce: usedCnonce,
    nc,
    qop,
    opaque: challenge.opaque,
    userhash: false,
  });
}

/** The name of a challenge's algorithm for people. */
export function nameAlgorithm(challenge: DigestChallenge): string {
  return challenge.algorithm === '' ? 'MD5' : challenge.algorithm;
}

/** The form of RFC 2069 can be answered, and any offer that has "auth" in it. */
function canAnswerQop(qop: string): boolean {
  return qop === '' || qop.split(',').some((each) => each.trim().toLowerCase() === 'auth');
}
