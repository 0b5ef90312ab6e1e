import { randomBytes } from 'node:crypto';
import { computeHa1, computeResponse, type DigestAlgorithm, digestAlgorithms } from '@rollcall/digest';
import {
  type DigestChallenge,
  formatDigestCredentials,
  parseDigestChallenge,
  type SipResponse,
} from '@rollcall/sip';

/** Who answers a challenge, and for what request. Texts are byte strings. */
export interface ChallengeAnswer {
  readonly username: string;
  readonly password: string;
  readonly method: string;
  /** The Request-URI; becomes the uri parameter. */
  readonly uri: string;
  /** Default: the strongest that the challenges offer, as RFC 8760 §2.4 asks. */
  readonly algorithm?: DigestAlgorithm;
  /** Nonce count; default 1, that of a fresh nonce. */
  readonly nc?: number;
}

/**
 * Answers a 401 with credentials.
 *
 * @returns the value of an Authorization row
 * @throws Error where no challenge fits
 */
export function answerChallenge(response: SipResponse, answer: ChallengeAnswer): string {
  const challenges = response.rows('www-authenticate').map((row) => parseDigestChallenge(row));
  const wanted = answer.algorithm === undefined ? digestAlgorithms : [answer.algorithm];
  for (const algorithm of wanted) {
    const challenge = challenges.find((each) => (each?.algorithm || 'MD5').toUpperCase() === algorithm);
    if (challenge !== undefined) return formatAnswer(challenge, algorithm, answer);
  }
  const offered = response.rows('www-authenticate').join(' | ') || 'no challenge';
  throw new Error(`${response.status} carries ${offered}; wanted is ${wanted.join(' or ')}`);
}

function formatAnswer(
  challenge: DigestChallenge,
  algorithm: DigestAlgorithm,
  answer: ChallengeAnswer,
): string {
  const { realm, nonce, opaque } = challenge;
  const { username, password, uri } = answer;
  const withQop = challenge.qop.split(',').some((each) => each.trim() === 'auth');
  const cnonce = withQop ? randomBytes(8).toString('hex') : '';
  const nc = withQop ? (answer.nc ?? 1).toString(16).padStart(8, '0') : '';
  const qop = withQop ? 'auth' : '';
  const parts = { algorithm, sess: false, uri, method: answer.method, nonce, cnonce, nc, qop };
  const ha1 = computeHa1(algorithm, username, realm, password);
  const response = computeResponse(ha1, { ...parts, body: new Uint8Array() });
  const shown = { username, realm, nonce, uri, response, algorithm: challenge.algorithm, cnonce, nc, qop };
  return formatDigestCredentials({ ...shown, opaque, userhash: false });
}
