import type { TemporaryGruus } from '@rollcall/gruu';
import {
  ApplyOutcome,
  type ApplyResponse,
  type Call,
  CallBudget,
  FaultLog,
  type LocationCalls,
  type RegisterRequest,
  type RegisterResponse,
} from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import { formatAuthenticationInfo } from '@rollcall/sip';
import { formatAssociatedUris } from './associated-uris.ts';
import type { Authenticated, AuthenticationAsked, Authenticator } from './authentication.ts';
import { needsNextNonce, type ResponseProof } from './authentication-info.ts';
import { authoriseAor, domainOfAor } from './authorise.ts';
import type { ChallengeStock } from './challenge-stock.ts';
import { type FaultSource, refuseForNow, rejectFault } from './faults.ts';
import { makeGruus } from './gruus-of-bindings.ts';
import type { RegistrarMetrics } from './metrics.ts';
import { sourceAddress } from './networks.ts';
import { findUnsupportedTags } from './option-tags.ts';
import { payChallenge, replayed } from './owed-challenge.ts';
import { planRegistration, type RegistrationPlan, type RegistrationPolicy } from './plan-registration.ts';
import {
  type RegisterOutcome,
  storedPath,
  toApplyRequest,
  toNonceRequest,
  toRegisterResponse,
} from './proto-mapping.ts';
import { asksNothingNew } from './refresh-only.ts';
import { RegistrationLog } from './registration-log.ts';
import { type Rejection, reject } from './rejection.ts';
import type { SubscriberWatch } from './subscriber-watch.ts';

/** What the operator wants phones to be told that have registered. */
export interface ResponsePolicy {
  /** Values of a Service-Route header, topmost first; empty for none (RFC 3608). */
  readonly serviceRoute: readonly string[];
  /** True: the subscriber's AORs and numbers (P-Associated-URI). */
  readonly pAssociatedUri: boolean;
}

/** What a {@link RegisterHandler} works with. */
export interface RegisterHandlerParts {
  readonly authenticator: Authenticator;
  readonly challenges: Pick<ChallengeStock, 'take'>;
  readonly watch: Pick<SubscriberWatch, 'facts'>;
  readonly location: Pick<LocationCalls, 'apply' | 'lookUp'>;
  readonly policy: RegistrationPolicy & ResponsePolicy & { readonly logPerSecond: number };
  readonly gruus: TemporaryGruus;
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
  readonly #log: RegistrationLog;

  constructor(parts: RegisterHandlerParts) {
    this.#parts = parts;
    this.#faults = new FaultLog(parts.clock, parts.logger);
    this.#log = new RegistrationLog({ ...parts, linesPerSecond: parts.policy.logPerSecond });
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
    const durationMs = clock.nowMs() - startedAtMs;
    metrics.count(request, outcome, durationMs);
    this.#log.write(request, outcome, durationMs, context.traceparent);
    return toRegisterResponse(outcome);
  };

  async #process(request: RegisterRequest, budget: CallBudget): Promise<RegisterOutcome> {
    const { watch, random } = this.#parts;
    // Step 1: the domain is ours. Before auth has said which are, nobody can be told that his is not.
    const facts = watch.facts;
    if (facts === undefined) return refuseForNow('auth_unavailable', 0, random);
    if (!facts.servesDomain(request.domain)) return reject(404, 'Domain Not Served', 'unknown_domain');
    // Step 2: what the phone requires is understood. With credentials it is told after step 3, as RFC 3261 §8.2 allows:
    // refused unread, they would stay good for whoever has seen them.
    const unsupported = findUnsupportedTags(request.require);
    if (unsupported.length > 0 && request.credentials.length === 0) return rejectTags(unsupported);
    // Step 3: the sender is who it says.
    const authenticated = await this.#authenticate(request, budget);
    if (authenticated.kind !== 'authenticated') return authenticated;
    const admitted = this.#admit(request, authenticated, unsupported);
    if (admitted.kind === 'rejected') return this.#refuse(request, admitted, authenticated, budget);
    // Steps 7 and 8: it is stored, all or nothing, and the answer is what is bound now.
    return this.#apply(request, admitted.aor, admitted.plan, authenticated, budget);
  }

  /** Steps 2 and 4 to 7, as far as they need no stored binding: under which AOR what is to be done, or why nothing. */
  #admit(
    request: RegisterRequest,
    { identity, refusal }: Authenticated,
    unsupported: readonly string[],
  ): { kind: 'admitted'; aor: string; plan: RegistrationPlan } | Rejection {
    if (refusal !== undefined) return refusal;
    if (unsupported.length > 0) return rejectTags(unsupported);
    // Step 5 before step 4: an AOR of another domain is not found (404), whoever asks.
    if (domainOfAor(request.aor) !== request.domain) {
      const phrase = request.aor.includes('@') ? 'Address Of Another Domain' : 'Address Without User';
      return reject(404, phrase, 'unknown_domain');
    }
    // Step 4: the sender may register this AOR.
    const aor = authoriseAor(identity, request.aor);
    if (aor === undefined) return reject(403, 'Not Allowed For This Address', 'forbidden');
    // Steps 6 and 7: what is asked for is allowed, all of it.
    const plan = planRegistration(request, this.#parts.policy, this.#parts.gruus);
    return plan.kind === 'rejected' ? plan : { kind: 'admitted', aor, plan };
  }

  /**
   * Refuses a request whose credentials were right, and uses up their nonce count: a request that was refused, for a
   * Contact too many, say, must not serve whoever has seen it for another one. The refusal stands even where location
   * cannot note the use: it is true, and while location is away nobody can use the credentials for anything either.
   */
  async #refuse(
    request: RegisterRequest,
    rejection: Rejection,
    { identity, nonce }: Authenticated,
    budget: CallBudget,
  ): Promise<RegisterOutcome> {
    // An identity whose counts its record keeps has one AOR, whatever AOR it asked for.
    const own = identity.aors[0];
    if (nonce === undefined || own === undefined) return rejection;
    try {
      const use = toNonceRequest(request, own, nonce);
      const { outcome } = await this.#parts.location.apply(use, budget.last());
      return outcome === ApplyOutcome.NONCE_REPLAYED ? await this.#answerReplay(request.domain) : rejection;
    } catch (error) {
      this.#faults.note(error, 'the nonce of a refused REGISTER could not be used up');
      return rejection;
    }
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
        ? await payChallenge(request.domain, authentication, this.#parts.challenges)
        : authentication;
    } catch (error) {
      return this.#reject(error, 'auth');
    }
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
        if (!asksNothingNew(plan.updates, bindings)) {
          const rejection = refuseForNow('auth_unavailable', 0, this.#parts.random);
          return await this.#refuse(request, rejection, authenticated, budget);
        }
      }
      const asked = toApplyRequest(request, aor, plan, authenticated.nonce, policy);
      const applied = await location.apply(asked, budget.last());
      switch (applied.outcome) {
        case ApplyOutcome.APPLIED:
          return await this.#registered(request, aor, plan, applied, authenticated);
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

  #registered(
    request: RegisterRequest,
    aor: string,
    plan: RegistrationPlan,
    { bindings, created }: ApplyResponse,
    { identity, proof }: Authenticated,
  ): RegisterOutcome | Promise<RegisterOutcome> {
    const { policy, gruus } = this.#parts;
    const registered: Extract<RegisterOutcome, { kind: 'registered' }> = {
      kind: 'registered',
      plan,
      created,
      storedAor: aor === request.aor ? '' : aor,
      bindings,
      // What the edge adds for itself is told to those alone who know what a Path is (RFC 3327 §5.3).
      path: request.supported.includes('path') ? storedPath(request) : request.path,
      gruus: request.supported.includes('gruu') ? makeGruus(aor, bindings, gruus) : [],
      associatedUris: policy.pAssociatedUri ? formatAssociatedUris(identity) : [],
      serviceRoute: policy.serviceRoute,
      authenticationInfo: '',
    };
    if (proof === undefined) return registered;
    return this.#inform(request.domain, plan, proof).then((authenticationInfo) => ({
      ...registered,
      authenticationInfo,
    }));
  }

  /** The Authentication-Info of a 200. What is stored is stored: without a next nonce it is told without one. */
  async #inform(domain: string, plan: RegistrationPlan, proof: ResponseProof): Promise<string> {
    const { watch, clock, challenges } = this.#parts;
    const { facts } = watch;
    const useful = facts !== undefined && needsNextNonce(proof, shortestGrant(plan), facts, clock.nowMs());
    const next = useful ? await challenges.take(domain, false).catch(() => undefined) : undefined;
    return formatAuthenticationInfo({ ...proof, nextnonce: next?.nonce ?? '' });
  }

  /** The digest was right and its nonce count used up: the phone may answer a new challenge by itself (stale). */
  async #answerReplay(domain: string): Promise<RegisterOutcome> {
    try {
      return await payChallenge(domain, replayed, this.#parts.challenges);
    } catch (error) {
      return this.#reject(error, 'auth');
    }
  }

  #reject(error: unknown, source: FaultSource) {
    this.#faults.note(error, `a REGISTER failed in ${source}`);
    return rejectFault(error, source, this.#parts.random);
  }
}

/** The shortest lifetime that was granted, in seconds; 0 where nothing was bound. */
function shortestGrant({ updates }: RegistrationPlan): number {
  const granted = updates.map(({ expiresSec }) => expiresSec).filter((expiresSec) => expiresSec > 0);
  return granted.length === 0 ? 0 : Math.min(...granted);
}

function rejectTags(unsupported: readonly string[]): Rejection {
  return reject(420, 'Bad Extension', 'extension_required', { unsupported });
}

function toAuthenticationAsked(request: RegisterRequest): AuthenticationAsked {
  return {
    method: 'REGISTER',
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
