import {
  type AuthenticatedRequest,
  computeResponseAuth,
  inspectCredentials,
  type Refusal,
  verifyCredentials,
} from '@rollcall/digest';
import type { Vector, VerifyRequest, VerifyResponse } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { Challenges } from './challenges.ts';
import type { LockoutGuard } from './lockout-guard.ts';
import type { AuthMetrics } from './metrics.ts';
import { isWithin } from './networks.ts';
import type { NonceCounts } from './nonce-counts.ts';
import type { ServedDomains } from './served-domains.ts';
import type { Vectors } from './vectors.ts';

/** What verifying needs. */
export interface VerifyParts {
  readonly challenges: Challenges;
  readonly vectors: Vectors;
  readonly domains: ServedDomains;
  readonly lockouts: LockoutGuard;
  readonly nonceCounts: NonceCounts;
  readonly clock: Clock;
  readonly metrics: AuthMetrics;
}

/** Verifies credentials inside auth, so that HA1 does not leave it. */
export class VerifyHandler {
  readonly #parts: VerifyParts;

  constructor(parts: VerifyParts) {
    this.#parts = parts;
  }

  /** @throws ServiceFault where subscribers or the shared store do not answer */
  async verify(request: VerifyRequest): Promise<VerifyResponse> {
    const { clock, metrics } = this.#parts;
    const startedAtMs = clock.nowMs();
    let outcome: VerifyOutcome = 'error';
    let reason: VerifyReason = 'none';
    try {
      const judged = await this.#judge(request);
      outcome = judged.outcome;
      reason = judged.reason;
      return judged.response;
    } finally {
      metrics.countVerify(request.credentials?.algorithm ?? '', outcome, reason);
      metrics.verifySeconds(outcome, (clock.nowMs() - startedAtMs) / 1000);
    }
  }

  async #judge(request: VerifyRequest): Promise<Judged> {
    const { realm, source, credentials } = request;
    const { domains, challenges, lockouts, vectors, clock } = this.#parts;
    if (credentials === undefined) return this.#judgeNetwork(request);
    const retryAfterMs = lockouts.remainingMs(realm, credentials.username, source);
    if (retryAfterMs > 0) {
      return { response: verdict('lockedOut', { retryAfterMs }), outcome: 'failure', reason: 'locked-out' };
    }
    const subject: AuthenticatedRequest = {
      method: request.method,
      requestUri: request.requestUri,
      realm,
      servesDomain: (host) => domains.has(host),
      body: request.body,
    };
    const objection = inspectCredentials(credentials, subject, challenges.policy);
    if (objection !== undefined) return this.#answer(request, objection);
    const { username, userhash, algorithm } = credentials;
    const { vector } = await vectors.find({ realm, username, userhash, algorithm, aor: '' });
    const judged = verifyCredentials(credentials, vector.ha1, subject, challenges.policy, clock.nowMs());
    if (judged.kind === 'challenge' && judged.reason === 'wrong-response') {
      await lockouts.countFailure({ realm, username, source });
    }
    if (judged.kind !== 'verified') return this.#answer(request, judged);
    if (vector.networks.length > 0 && !isWithin(source, vector.networks)) {
      return this.#challenge(realm, false, 'failure', 'network');
    }
    if (
      request.useNonce &&
      !(await this.#parts.nonceCounts.use(judged.nonce, judged.nc, request.requestKey))
    ) {
      return this.#challenge(realm, true, 'stale', 'replay');
    }
    const responseAuth = request.wantsResponseAuth ? computeResponseAuth(credentials, vector.ha1) : '';
    return this.#accept(vector, responseAuth, judged.expiresAtMs);
  }

  /** Without credentials only a subscriber that its network vouches for is accepted. */
  async #judgeNetwork({ realm, source, aor }: VerifyRequest): Promise<Judged> {
    if (aor !== '') {
      const request = { realm, username: '', userhash: false, algorithm: '', aor };
      const { vector } = await this.#parts.vectors.find(request);
      if (vector.networkSuffices && isWithin(source, vector.networks)) return this.#accept(vector);
    }
    return this.#challenge(realm, false, 'challenge', 'no-credentials');
  }

  #answer({ realm }: VerifyRequest, judged: Refusal): Judged {
    if (judged.kind === 'malformed') {
      const response = verdict('malformed', { problem: judged.problem });
      return { response, outcome: 'failure', reason: 'malformed' };
    }
    const { stale, reason } = judged;
    if (stale) return this.#challenge(realm, true, 'stale', reason);
    return this.#challenge(realm, false, reason === 'wrong-response' ? 'failure' : 'challenge', reason);
  }

  #accept({ aors, numbers, sharedNonces }: Vector, responseAuth = '', nonceExpiresAtMs = 0): Judged {
    return {
      response: verdict('verified', { aors, numbers, sharedNonces, responseAuth, nonceExpiresAtMs }),
      outcome: 'success',
      reason: 'none',
    };
  }

  #challenge(realm: string, stale: boolean, outcome: VerifyOutcome, reason: VerifyReason): Judged {
    this.#parts.metrics.noncesIssued.inc();
    const challenge = this.#parts.challenges.challenge(realm, stale, this.#parts.clock.nowMs());
    return { response: verdict('challenge', challenge), outcome, reason };
  }
}

type VerifyOutcome = Parameters<AuthMetrics['countVerify']>[1];
type VerifyReason = Parameters<AuthMetrics['countVerify']>[2];

interface Judged {
  readonly response: VerifyResponse;
  readonly outcome: VerifyOutcome;
  readonly reason: VerifyReason;
}

type Verdicts = NonNullable<VerifyResponse['verdict']>;

function verdict<Case extends Verdicts['$case']>(
  $case: Case,
  value: Extract<Verdicts, { $case: Case }>['value'],
): VerifyResponse {
  return { verdict: { $case, value } as Verdicts };
}
