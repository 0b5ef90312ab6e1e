import { isInstanceId, type TemporaryGruus } from '@rollcall/gruu';
import { type Call, CallBudget, FaultLog, type ResolveRequest, type ResolveResponse } from '@rollcall/rpc';
import { type Clock, type Logger, traceIdOf } from '@rollcall/runtime';
import { type Address, readAddress } from './address.ts';
import { bindingsOfCalled } from './called-number.ts';
import { readPreferences } from './caller-preferences.ts';
import { type BindingSources, findBindings, notRegistered } from './find-bindings.ts';
import { boundToGruu, type Gruu, readGruu } from './gruu.ts';
import type { RedirectMetrics } from './metrics.ts';
import { type ResolveOutcome, toResolveResponse } from './proto-mapping.ts';
import { type Refusal, refuse, refuseFault, refuseInsecure } from './refusal.ts';
import { buildTargetSet } from './target-set.ts';

/** What a {@link ResolveHandler} works with. */
export interface ResolveHandlerParts {
  readonly sources: Omit<BindingSources, 'onAuthFault'>;
  readonly gruus: TemporaryGruus;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: RedirectMetrics;
  readonly nameAor: (aor: string) => string;
  readonly random: () => number;
}

/** RFC 3261 §8.3: from a Request-URI to a target set. */
export class ResolveHandler {
  readonly #parts: ResolveHandlerParts;
  readonly #faults: FaultLog;
  readonly #sources: BindingSources;

  constructor(parts: ResolveHandlerParts) {
    this.#parts = parts;
    this.#faults = new FaultLog(parts.clock, parts.logger);
    this.#sources = {
      ...parts.sources,
      onAuthFault: (error) => this.#faults.note(error, 'the state of a subscriber is not known'),
    };
  }

  /** Answers one request. All faults end here: an edge always gets a response for the caller. */
  readonly resolve: Call<ResolveRequest, ResolveResponse> = async (request, context) => {
    const { clock, metrics, random } = this.#parts;
    const startedAtMs = clock.nowMs();
    const address = readAddress(request.requestUri);
    let outcome: ResolveOutcome;
    try {
      outcome =
        'status' in address
          ? refuse(address.status, address.reasonPhrase, address.status === 404 ? 'unknown' : 'bad_request')
          : await this.#resolve(request, address, new CallBudget(clock, context));
    } catch (error) {
      this.#faults.note(error, 'a look-up failed');
      outcome = refuseFault(error, random);
    }
    metrics.count(outcome, clock.nowMs() - startedAtMs);
    this.#log(request, address, outcome, context.traceparent);
    return toResolveResponse(outcome);
  };

  async #resolve(request: ResolveRequest, address: Address, budget: CallBudget): Promise<ResolveOutcome> {
    const gruu = readGruu(address, this.#parts.gruus);
    if (gruu === 'void') return notFound();
    const hidden = gruu?.kind === 'temporary';
    const asked = hidden ? { ...address, aor: gruu.aor, number: '', saysNumber: false } : address;
    const found = await findBindings(asked, this.#sources, budget);
    if (found.kind === 'moved') return hidden ? notFound() : movedTo(found.uri);
    // A temporary GRUU without a contact is void (RFC 5627 §5.3), and says nothing of whom it hid.
    if (found.kind === 'refused') return hidden && found.status < 500 ? notFound() : found;
    const { secure, number, sg } = address;
    const called = { aor: found.aor, number, sg: gruu === undefined ? undefined : sg };
    const bindings = bindingsOfCalled(found.bindings, called);
    const meant = gruu === undefined ? bindings : boundToGruu(gruu, bindings);
    if (meant.length === 0) return gruu === undefined ? notRegistered() : this.#refuseGruu(gruu);
    const set = buildTargetSet(meant, {
      requestUri: request.requestUri,
      secure,
      preferences: readPreferences(request),
    });
    switch (set.kind) {
      case 'targets':
        return { kind: 'redirected', targets: set.targets, permanent: false };
      case 'nothing-fits':
        return refuse(404, 'Not Found', 'nothing_fits');
      case 'nothing-secure':
        return refuseInsecure(address.domain);
      case 'nothing-preferred':
        return refuse(480, 'Temporarily Unavailable', 'nothing_preferred');
    }
  }

  /**
   * A public GRUU stays good as long as its AOR does (RFC 5627 §5.3). None is remembered, so each that could have been
   * given out is taken for one.
   */
  #refuseGruu(gruu: Gruu): ResolveOutcome {
    if (gruu.kind === 'temporary') return notFound();
    const isGood = isInstanceId(gruu.instanceId) || this.#parts.sources.unknownAs480;
    return isGood ? notRegistered() : notFound();
  }

  #log(
    request: ResolveRequest,
    address: ReturnType<typeof readAddress>,
    outcome: ResolveOutcome,
    traceparent: string,
  ): void {
    const { logger, nameAor } = this.#parts;
    if (!logger.isLevelEnabled('debug')) return;
    const aor = 'status' in address ? '' : nameAor(address.aor || address.number);
    const redirected = outcome.kind === 'redirected' && outcome.permanent ? 301 : 302;
    const status = outcome.kind === 'redirected' ? redirected : outcome.status;
    const reason = outcome.kind === 'redirected' ? 'found' : outcome.reason;
    const traceId = traceIdOf(traceparent);
    logger.debug({ aor, method: request.method, status, reason, traceId }, 'look-up');
  }
}

function notFound(): Refusal {
  return refuse(404, 'Not Found', 'nothing_fits');
}

/** RFC 3261 §21.3.2: the caller should not ask here again. */
function movedTo(uri: string): ResolveOutcome {
  const target = { uri, qMilli: undefined, expiresSec: 0, params: '' };
  return { kind: 'redirected', targets: [target], permanent: true };
}
