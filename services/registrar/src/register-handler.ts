import {
  ApplyOutcome,
  type Call,
  CallBudget,
  FaultLog,
  type LocationCalls,
  type RegisterRequest,
  type RegisterResponse,
} from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { Authenticated, AuthenticationAsked, Authenticator, ChallengeOwed } from './authentication.ts';
import { authoriseAor, domainOfAor } from './authorise.ts';
import type { ChallengeStock } from './challenge-stock.ts';
import { type FaultSource, refuseForNow, rejectFault } from './faults.ts';
import type { RegistrarMetrics } from './metrics.ts';
import { sourceAddress } from './networks.ts';
import { findUnsupportedTags } from './option-tags.ts';
import { planRegistration, type RegistrationPlan, type RegistrationPolicy } from './plan-registration.ts';
import { type RegisterOutcome, toApplyRequest, toRegisterResponse } from './proto-mapping.ts';
import { asksNothingNew } from './refresh-only.ts';
import { reject } from './rejection.ts';
import type { SubscriberWatch } from './subscriber-watch.ts';

/** What a {@link RegisterHandler} works with. */
export interface RegisterHandlerParts {
  readonly authenticator: Authenticator;
  readonly challenges: Pick<ChallengeStock, 'take'>;
  readonly watch: Pick<SubscriberWatch, 'facts'>;
  readonly location: Pick<LocationCalls, 'apply' | 'lookUp'>;
  readonly policy: RegistrationPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RegistrarMetrics;
  /** How an AOR is written into a log. */
  readonly nameAor: (aor: string) => string;
  readonly random: () => number;
}

/** RFC 3261 §10.3: what a REGISTER means, step by step. */
export class RegisterHandler {
  readonly #parts: RegisterHandlerParts;
  readonly #faults: FaultLog;

  constructor(parts: RegisterHandlerParts) {
    this.#parts = parts;
    this.#faults = new FaultLog(parts.clock, parts.logger);
  }

  /** Answers one REGISTER. All faults end here: what an edge gets is always a response for the phone. */
  readonly register: Call<RegisterRequest, RegisterResponse> = async (request, context) => {
    const { clock, metrics } = this.#parts;
    const startedAtMs = clock.nowMs();
    let outcome: RegisterOutcome;
    try {
      outcome = await this.#process(request, new CallBudget(clock, context));
    } catch (error) {
      outcome = this.#reject(error, 'registrar');
    }
    metrics.count(request, outcome, clock.nowMs() - startedAtMs);
    this.#log(request, outcome);
    return toRegisterResponse(outcome);
  };

  async #process(request: RegisterRequest, budget: CallBudget): Promise<RegisterOutcome> {
    const { watch, random } = this.#parts;
    // Step 1: the domain is ours. Before auth has said which are, nobody can be told that his is not.
    const facts = watch.facts;
    if (facts === undefined) return refuseForNow('auth_unavailable', 0, random);
    if (!facts.servesDomain(request.domain)) return reject(404, 'Not Found', 'unknown_domain');
    // Step 2: what the phone requires is understood.
    const unsupported = findUnsupportedTags(request.require);
    if (unsupported.length > 0) return reject(420, 'Bad Extension', 'extension_required', { unsupported });
    // Step 3: the sender is who it says.
    const authenticated = await this.#authenticate(request, budget);
    if (authenticated.kind !== 'authenticated') return authenticated;
    // Step 5 before step 4: an AOR of another domain is not found (404), whoever asks.
    if (domainOfAor(request.aor) !== request.domain) return reject(404, 'Not Found', 'unknown_domain');
    // Step 4: the sender may register this AOR.
    const aor = authoriseAor(authenticated.identity, request.aor);
    if (aor === undefined) return reject(403, 'Forbidden', 'forbidden');
    // Steps 6 and 7: what is asked for is allowed, all of it.
    const plan = planRegistration(request, this.#parts.policy);
    if (plan.kind === 'rejected') return plan;
    // Steps 7 and 8: it is stored, all or nothing, and the answer is what is bound now.
    return this.#apply(request, aor, plan, authenticated, budget);
  }

  async #authenticate(
    request: RegisterRequest,
    budget: CallBudget,
  ): Promise<Authenticated | Exclude<RegisterOutcome, { kind: 'registered' }>> {
    try {
      const asked = toAuthenticationAsked(request);
      const answered = this.#parts.authenticator.authenticate(asked, budget);
      const authentication = answered instanceof Promise ? await answered : answered;
      return authentication.kind === 'challenge-owed'
        ? await this.#challenge(request.domain, authentication)
        : authentication;
    } catch (error) {
      return this.#reject(error, 'auth');
    }
  }

  async #challenge(
    domain: string,
    owed: ChallengeOwed,
  ): Promise<RegisterOutcome & { kind: 'challenged' | 'rejected' }> {
    // stale says that the answer itself was right (RFC 7616 §3.3).
    const stale = owed.reason === 'stale' || owed.reason === 'nonce_replayed';
    const made = owed.challenge ?? (await this.#parts.challenges.take(domain, stale));
    return made === undefined
      ? reject(404, 'Not Found', 'unknown_domain')
      : { kind: 'challenged', challenge: made, reason: owed.reason };
  }

  async #apply(
    request: RegisterRequest,
    aor: string,
    plan: RegistrationPlan,
    authenticated: Authenticated,
    budget: CallBudget,
  ): Promise<RegisterOutcome> {
    const { location, policy } = this.#parts;
    try {
      if (authenticated.refreshOnly && plan.updates.length > 0) {
        const { bindings } = await location.lookUp({ aor }, budget.next());
        if (!asksNothingNew(plan.updates, bindings))
          return refuseForNow('auth_unavailable', 0, this.#parts.random);
      }
      const asked = toApplyRequest(request, aor, plan, authenticated.nonce, policy.maxContacts);
      const { outcome, bindings } = await location.apply(asked, budget.next());
      switch (outcome) {
        case ApplyOutcome.APPLIED:
          return { kind: 'registered', plan, bindings, path: request.path };
        case ApplyOutcome.OUT_OF_ORDER:
          // The last paragraph of step 7: an update that fails is a 500.
          return reject(500, 'CSeq Out Of Order', 'cseq_out_of_order');
        case ApplyOutcome.TOO_MANY_BINDINGS:
          return reject(403, 'Too Many Contacts', 'too_many_contacts');
        case ApplyOutcome.NONCE_REPLAYED:
          return await this.#answerReplay(request.domain);
        default:
          return reject(500, 'Server Internal Error', 'internal');
      }
    } catch (error) {
      return this.#reject(error, 'location');
    }
  }

  /** The digest was right and its nonce count used up: the phone may answer a new challenge by itself (stale). */
  async #answerReplay(domain: string): Promise<RegisterOutcome> {
    try {
      const owed: ChallengeOwed = { kind: 'challenge-owed', reason: 'nonce_replayed', challenge: undefined };
      return await this.#challenge(domain, owed);
    } catch (error) {
      return this.#reject(error, 'auth');
    }
  }

  #reject(error: unknown, source: FaultSource) {
    this.#faults.note(error, `a REGISTER failed in ${source}`);
    return rejectFault(error, source, this.#parts.random);
  }

  #log(request: RegisterRequest, outcome: RegisterOutcome): void {
    const { logger, nameAor } = this.#parts;
    if (!logger.isLevelEnabled('debug')) return;
    const status = outcome.kind === 'rejected' ? outcome.status : outcome.kind === 'registered' ? 200 : 401;
    const reason = outcome.kind === 'registered' ? outcome.plan.operation : outcome.reason;
    const { callId, cseq, branch } = request;
    logger.debug({ aor: nameAor(request.aor), callId, cseq, branch, status, reason }, 'REGISTER');
  }
}

function toAuthenticationAsked(request: RegisterRequest): AuthenticationAsked {
  return {
    domain: request.domain,
    aor: request.aor,
    requestUri: request.requestUri,
    credentials: request.credentials,
    body: request.body,
    callId: request.callId,
    cseq: request.cseq,
    branch: request.branch,
    contacts: request.contacts,
    removeAll: request.removeAll,
    expiresSec: request.expiresSec,
    path: request.path,
    source: sourceAddress(request.flow?.remoteAddress ?? ''),
  };
}
