import { type Call, CallBudget, FaultLog, type ResolveRequest, type ResolveResponse } from '@rollcall/rpc';
import type { Clock, Logger } from '@rollcall/runtime';
import { type Address, readAddress } from './address.ts';
import { type BindingSources, findBindings } from './find-bindings.ts';
import type { RedirectMetrics } from './metrics.ts';
import { type ResolveOutcome, toResolveResponse } from './proto-mapping.ts';
import { refuse, refuseFault } from './refusal.ts';
import { buildTargetSet } from './target-set.ts';

/** What a {@link ResolveHandler} works with. */
export interface ResolveHandlerParts {
  readonly sources: BindingSources;
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

  constructor(parts: ResolveHandlerParts) {
    this.#parts = parts;
    this.#faults = new FaultLog(parts.clock, parts.logger);
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
          : await this.#resolve(request.requestUri, address, new CallBudget(clock, context));
    } catch (error) {
      this.#faults.note(error, 'a look-up failed');
      outcome = refuseFault(error, random);
    }
    metrics.count(outcome, clock.nowMs() - startedAtMs);
    this.#log(request, address, outcome);
    return toResolveResponse(outcome);
  };

  async #resolve(requestUri: string, address: Address, budget: CallBudget): Promise<ResolveOutcome> {
    // A gr without value is a temporary GRUU, of which none has been given out: nobody's, and never its AOR's.
    if (address.instanceId === '') return refuse(404, 'Not Found', 'nothing_fits');
    const found = await findBindings(address, this.#parts.sources, budget);
    if (found.kind === 'refused') return found;
    const { secure, instanceId } = address;
    const set = buildTargetSet(found.bindings, { requestUri, secure, instanceId });
    switch (set.kind) {
      case 'targets':
        return { kind: 'redirected', targets: set.targets };
      case 'nothing-fits':
        return refuse(404, 'Not Found', 'nothing_fits');
      case 'nothing-secure':
        return refuse(480, 'Temporarily Unavailable', 'nothing_secure');
    }
  }

  #log(request: ResolveRequest, address: ReturnType<typeof readAddress>, outcome: ResolveOutcome): void {
    const { logger, nameAor } = this.#parts;
    if (!logger.isLevelEnabled('debug')) return;
    const aor = 'status' in address ? '' : nameAor(address.aor || address.number);
    const status = outcome.kind === 'redirected' ? 302 : outcome.status;
    const reason = outcome.kind === 'redirected' ? 'found' : outcome.reason;
    logger.debug({ aor, method: request.method, status, reason }, 'look-up');
  }
}
