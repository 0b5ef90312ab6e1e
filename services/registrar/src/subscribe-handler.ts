import {
  ApplyOutcome,
  type Call,
  CallBudget,
  FaultLog,
  type LocationCalls,
  type SubscribeRequest,
  type SubscribeResponse,
} from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import type { Authenticated, Authentication, Authenticator } from './authentication.ts';
import { authoriseAor, domainOfAor } from './authorise.ts';
import type { ChallengeStock } from './challenge-stock.ts';
import { type FaultSource, refuseForNow, rejectFault } from './faults.ts';
import type { RegistrarMetrics } from './metrics.ts';
import { sourceAddress } from './networks.ts';
import { payChallenge, replayed } from './owed-challenge.ts';
import { toNonceRequest, toRejected } from './proto-mapping.ts';
import { type Rejection, reject } from './rejection.ts';
import type { SubscribeOutcome } from './subscribe-outcome.ts';
import type { SubscriberWatch } from './subscriber-watch.ts';
import { grantDuration, type SubscriptionPolicy } from './subscription-expiry.ts';
import type { Watchers } from './watchers.ts';

/** What a {@link SubscribeHandler} works with. */
export interface SubscribeHandlerParts {
  readonly authenticator: Authenticator;
  readonly challenges: Pick<ChallengeStock, 'take'>;
  readonly watch: Pick<SubscriberWatch, 'facts'>;
  readonly watchers: Watchers;
  readonly location: Pick<LocationCalls, 'apply'>;
  readonly policy: SubscriptionPolicy;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<RegistrarMetrics, 'countSubscribe'>;
  readonly random: () => number;
}

/** RFC 3680 §4.6: who may watch a registration, and for how long. */
export class SubscribeHandler {
  readonly #parts: SubscribeHandlerParts;
  readonly #faults: FaultLog;

  constructor(parts: SubscribeHandlerParts) {
    this.#parts = parts;
    this.#faults = new FaultLog(parts.clock, parts.logger);
  }

  /** Decides on one SUBSCRIBE. All faults end here: what an edge gets is always a response for the watcher. */
  readonly subscribe: Call<SubscribeRequest, SubscribeResponse> = async (request, context) => {
    let outcome: SubscribeOutcome;
    try {
      outcome = await this.#process(request, new CallBudget(this.#parts.clock, context));
    } catch (error) {
      outcome = this.#reject(error, 'auth');
    }
    this.#parts.metrics.countSubscribe(outcome);
    return toResponse(outcome);
  };

  async #process(request: SubscribeRequest, budget: CallBudget): Promise<SubscribeOutcome> {
    const { watch, random, authenticator, challenges } = this.#parts;
    const { domain, aor } = request;
    const facts = watch.facts;
    if (facts === undefined) return refuseForNow('auth_unavailable', 0, random);
    if (!facts.servesDomain(domain) || domainOfAor(aor) !== domain)
      return reject(404, 'Domain Not Served', 'unknown_domain');
    const authentication: Authentication = await authenticator.authenticate(toAsked(request), budget);
    if (authentication.kind === 'challenge-owed') return payChallenge(domain, authentication, challenges);
    if (authentication.kind === 'rejected') return authentication;
    // A captured SUBSCRIBE serves nobody twice, whatever comes of it: its nonce count is used up first.
    if (!(await this.#useNonce(request, authentication, budget)))
      return payChallenge(domain, replayed, challenges);
    if (authentication.refusal !== undefined) return authentication.refusal;
    return this.#grant(request, authentication, budget);
  }

  async #grant(
    { aor: asked, expiresSec: askedSec }: SubscribeRequest,
    { identity, refreshOnly }: Authenticated,
    budget: CallBudget,
  ): Promise<SubscribeOutcome> {
    const { watchers, policy, random } = this.#parts;
    // The one it is about may be another name of the watcher's own AOR.
    const own = authoriseAor(identity, asked);
    // No auth answers, so nobody can say whom else somebody may watch.
    if (own === undefined && refreshOnly) return refuseForNow('auth_unavailable', 0, random);
    const aor = own ?? (await watchers.findWatched(identity, asked, budget));
    const watcher = identity.aors[0];
    // An AOR that does not exist is refused as one that others may watch is: nobody learns which there are.
    if (aor === undefined || watcher === undefined)
      return reject(403, 'Not Allowed To Watch This Address', 'forbidden');
    const duration = grantDuration(askedSec, policy);
    if ('minExpiresSec' in duration) return reject(423, 'Interval Too Brief', 'interval_too_brief', duration);
    const { expiresSec } = duration;
    return { kind: 'granted', granted: { aor, watcher, expiresSec, mayRegister: own !== undefined } };
  }

  /** False for a replay. The counts are in the record of the watcher's own AOR, or were checked with auth already. */
  async #useNonce(
    request: SubscribeRequest,
    { identity, nonce }: Authenticated,
    budget: CallBudget,
  ): Promise<boolean> {
    const own = identity.aors[0];
    if (nonce === undefined || own === undefined) return true;
    const { outcome } = await this.#parts.location.apply(toNonceRequest(request, own, nonce), budget.next());
    return outcome !== ApplyOutcome.NONCE_REPLAYED;
  }

  #reject(error: unknown, source: FaultSource): Rejection {
    this.#faults.note(error, 'a SUBSCRIBE failed');
    return rejectFault(error, source, this.#parts.random);
  }
}

function toAsked(request: SubscribeRequest): Parameters<Authenticator['authenticate']>[0] {
  const { domain, aor, requestUri, credentials, body, callId, cseq, branch, expiresSec, flow } = request;
  return {
    method: 'SUBSCRIBE',
    domain,
    aor,
    requestUri,
    credentials,
    body,
    callId,
    cseq,
    branch,
    contacts: [],
    removeAll: false,
    expiresSec,
    path: [],
    source: sourceAddress(flow?.remoteAddress ?? ''),
  };
}

function toResponse(outcome: SubscribeOutcome): SubscribeResponse {
  switch (outcome.kind) {
    case 'granted':
      return { outcome: { $case: 'granted', value: outcome.granted } };
    case 'challenged':
      return { outcome: { $case: 'challenged', value: outcome.challenge } };
    case 'rejected':
      return { outcome: { $case: 'rejected', value: toRejected(outcome) } };
  }
}
