import {
  type AuthenticatedRequest,
  computeResponseAuth,
  inspectCredentials,
  type PresentedCredentials,
  pickCredentials,
  type Verdict,
  verifyCredentials,
} from '@rollcall/digest';
import type { AuthCalls, CallBudget } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import {
  type Authenticated,
  type Authentication,
  type AuthenticationAsked,
  type Authenticator,
  type ChallengeOwed,
  requestKey,
} from './authentication.ts';
import { proofOf, type ResponseProof } from './authentication-info.ts';
import type { ChallengeStock } from './challenge-stock.ts';
import type { FailureReports } from './failure-reports.ts';
import { isAbsence } from './faults.ts';
import type { LockoutTable } from './lockout-table.ts';
import type { RegistrarMetrics } from './metrics.ts';
import { type Rejection, reject } from './rejection.ts';
import type { SubscriberFacts, SubscriberWatch } from './subscriber-watch.ts';
import type { Vector, VectorCache, VectorWanted } from './vector-cache.ts';

type Verified = Extract<Verdict, { kind: 'verified' }>;

const noCredentials: ChallengeOwed = {
  kind: 'challenge-owed',
  reason: 'no_credentials',
  challenge: undefined,
};
const failed: ChallengeOwed = { kind: 'challenge-owed', reason: 'auth_failed', challenge: undefined };
const stale: ChallengeOwed = { kind: 'challenge-owed', reason: 'stale', challenge: undefined };

/** What a {@link VectorAuthenticator} works with. */
export interface VectorAuthenticatorParts {
  readonly auth: Pick<AuthCalls, 'useNonce'>;
  readonly clock: Clock;
  readonly watch: Pick<SubscriberWatch, 'facts' | 'live' | 'lastHeardAtMs'>;
  readonly vectors: VectorCache;
  readonly lockouts: LockoutTable;
  readonly challenges: Pick<ChallengeStock, 'isTrustedSource'>;
  readonly failures: Pick<FailureReports, 'report'>;
  readonly metrics: Pick<RegistrarMetrics, 'countVector'>;
  /** How long cached vectors are trusted while no auth answers; 0 for not at all. */
  readonly graceSec: number;
  /** True to prove to phones that their password is known (Authentication-Info). */
  readonly provesKnowledge: boolean;
}

/**
 * Authenticates with vectors that auth gave out: usually without asking anyone.
 *
 * A wrong answer to a cached vector is judged again with a fresh one. So a password changed this instant works, and a
 * wrong password costs one question to auth whether or not the user exists: time tells nobody who does.
 */
export class VectorAuthenticator implements Authenticator {
  readonly #parts: VectorAuthenticatorParts;

  constructor(parts: VectorAuthenticatorParts) {
    this.#parts = parts;
  }

  authenticate(asked: AuthenticationAsked, budget: CallBudget): Authentication | Promise<Authentication> {
    const { watch, lockouts } = this.#parts;
    const facts = watch.facts;
    if (facts === undefined) throw new Error('authentication before the first snapshot');
    const answer = pickCredentials(asked.credentials, asked.domain, facts.algorithms);
    if (answer === undefined) return this.#authenticateByNetwork(asked, budget);
    const objection = inspectCredentials(answer, requestOf(asked, facts), facts);
    if (objection !== undefined) return toAuthentication(objection);
    if (lockouts.holds(asked.domain, answer.username, asked.source))
      return reject(403, 'Too Many Failures', 'locked_out');
    const cached = this.#freshVector(answer);
    // Judged in any case: that a digest more was computed would tell whose phones are registered here.
    const standIn = this.#parts.vectors.standIn(answer);
    const verdict = this.#judge(asked, answer, cached ?? standIn, facts);
    if (cached !== undefined && !isWrong(verdict)) {
      this.#parts.vectors.use(answer);
      this.#parts.metrics.countVector('hit');
      return this.#conclude(asked, answer, verdict, cached, budget);
    }
    return this.#authenticateByAsking(asked, answer, facts, budget);
  }

  /** A kept vector that needs no question: the stream lives, so nobody has called it untrue. */
  #freshVector(answer: PresentedCredentials): Vector | undefined {
    const { watch, vectors, clock } = this.#parts;
    const vector = vectors.get(answer);
    return vector !== undefined && watch.live && clock.nowMs() < vector.freshUntilMs ? vector : undefined;
  }

  async #authenticateByAsking(
    asked: AuthenticationAsked,
    answer: PresentedCredentials,
    facts: SubscriberFacts,
    budget: CallBudget,
  ): Promise<Authentication> {
    const { vectors, failures, metrics } = this.#parts;
    let fetched: { vector: Vector; keep(): void };
    try {
      fetched = await vectors.fetch(wantedBy(answer), budget.traceparent);
    } catch (error) {
      const granted = isAbsence(error) ? this.#authenticateInGrace(asked, answer, facts) : undefined;
      if (granted === undefined) throw error;
      return granted;
    }
    metrics.countVector('miss');
    const verdict = this.#judge(asked, answer, fetched.vector, facts);
    if (verdict.kind === 'verified') fetched.keep();
    if (isWrong(verdict)) failures.report(asked.domain, answer.username, asked.source);
    return this.#conclude(asked, answer, verdict, fetched.vector, budget);
  }

  /**
   * No auth answers. A cached vector still serves, for refreshes only, so long after auth was last known to stand
   * behind it. A wrong answer gets no challenge: it might be right by now.
   */
  #authenticateInGrace(
    asked: AuthenticationAsked,
    answer: PresentedCredentials,
    facts: SubscriberFacts,
  ): Authentication | undefined {
    const { vectors, watch, clock, graceSec, metrics } = this.#parts;
    const vector = vectors.get(answer);
    if (vector === undefined) return undefined;
    const trueAtMs = Math.max(vector.fetchedAtMs, watch.lastHeardAtMs);
    if (clock.nowMs() - trueAtMs >= graceSec * 1000) return undefined;
    // The shared nonce counts are in auth, which is not there.
    if (hasSharedNonces(vector)) return undefined;
    const verdict = this.#judge(asked, answer, vector, facts);
    if (verdict.kind !== 'verified') return isWrong(verdict) ? undefined : toAuthentication(verdict);
    metrics.countVector('grace');
    return authenticated(vector, verdict, asked.source, true, this.#prove(answer, vector, verdict));
  }

  /** Without credentials only the subscriber's own networks help, where they are to be enough. */
  async #authenticateByNetwork(asked: AuthenticationAsked, budget: CallBudget): Promise<Authentication> {
    const { challenges, vectors, lockouts } = this.#parts;
    if (asked.credentials.length > 0) return noCredentials;
    if (lockouts.holds(asked.domain, '', asked.source)) return noCredentials;
    if (!(await challenges.isTrustedSource(asked.domain, asked.source))) return noCredentials;
    const vector = await vectors.fetchForAor(asked.domain, asked.aor, budget.next());
    if (!vector.networkSuffices || vector.inNetworks?.(asked.source) !== true) return noCredentials;
    return admitted(vector, undefined, false, undefined, undefined);
  }

  #prove(answer: PresentedCredentials, vector: Vector, { expiresAtMs }: Verified): ResponseProof | undefined {
    if (!this.#parts.provesKnowledge) return undefined;
    return proofOf(answer, computeResponseAuth(answer, vector.ha1), expiresAtMs);
  }

  #judge(
    asked: AuthenticationAsked,
    answer: PresentedCredentials,
    vector: Pick<Vector, 'ha1'>,
    facts: SubscriberFacts,
  ): Verdict {
    const nowMs = this.#parts.clock.nowMs();
    return verifyCredentials(answer, vector.ha1, requestOf(asked, facts), facts, nowMs);
  }

  #conclude(
    asked: AuthenticationAsked,
    answer: PresentedCredentials,
    verdict: Verdict,
    vector: Vector,
    budget: CallBudget,
  ): Authentication | Promise<Authentication> {
    if (verdict.kind !== 'verified') return toAuthentication(verdict);
    const proof = this.#prove(answer, vector, verdict);
    if (hasSharedNonces(vector)) return this.#useSharedNonce(asked, verdict, vector, proof, budget);
    return authenticated(vector, verdict, asked.source, false, proof);
  }

  async #useSharedNonce(
    asked: AuthenticationAsked,
    verified: Verified,
    vector: Vector,
    proof: ResponseProof | undefined,
    budget: CallBudget,
  ): Promise<Authentication> {
    const { fresh } = await this.#parts.auth.useNonce(
      { nonce: verified.nonce, nc: verified.nc, requestKey: requestKey(asked) },
      budget.next(),
    );
    return fresh ? admitted(vector, undefined, false, proof, refusalOf(vector, asked.source)) : stale;
  }
}

/** A wrong answer, as against one that is right but late: the only verdict that a fresh vector may overturn. */
function isWrong(verdict: Verdict): boolean {
  return verdict.kind === 'challenge' && verdict.reason === 'wrong-response';
}

function toAuthentication(verdict: Exclude<Verdict, Verified>): Authentication {
  if (verdict.kind === 'malformed') return reject(400, 'Malformed Credentials', 'bad_request');
  if (verdict.stale) return stale;
  return verdict.reason === 'no-credentials' ? noCredentials : failed;
}

function requestOf(asked: AuthenticationAsked, facts: SubscriberFacts): AuthenticatedRequest {
  return {
    method: asked.method,
    requestUri: asked.requestUri,
    realm: asked.domain,
    servesDomain: facts.servesDomain,
    body: asked.body,
  };
}

/** The user is right, but must come from its own networks. */
function refusalOf(vector: Vector, source: string): Rejection | undefined {
  const isElsewhere = vector.inNetworks !== undefined && !vector.inNetworks(source);
  return isElsewhere ? reject(403, 'Forbidden', 'forbidden') : undefined;
}

/** Whoever may register several AORs could have a request replayed from one's record to the other's. */
function hasSharedNonces(vector: Vector): boolean {
  return vector.sharedNonces || vector.aors.length > 1;
}

function authenticated(
  vector: Vector,
  verified: Verified,
  source: string,
  refreshOnly: boolean,
  proof: ResponseProof | undefined,
): Authenticated {
  const { nonce, nc, issuedAtMs, expiresAtMs } = verified;
  const use = { nonce, nc, issuedAtMs, expiresAtMs };
  return admitted(vector, use, refreshOnly, proof, refusalOf(vector, source));
}

function admitted(
  identity: Vector,
  nonce: Authenticated['nonce'],
  refreshOnly: boolean,
  proof: ResponseProof | undefined,
  refusal: Rejection | undefined,
): Authenticated {
  return { kind: 'authenticated', identity, nonce, refreshOnly, proof, refusal };
}

function wantedBy(answer: PresentedCredentials): VectorWanted {
  return {
    realm: answer.realm,
    username: answer.username,
    userhash: answer.userhash,
    algorithm: answer.algorithm,
  };
}
