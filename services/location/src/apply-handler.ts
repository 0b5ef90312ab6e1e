import type { ApplyRequest, ApplyResponse, Call } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { BindingTable } from './binding-table.ts';
import { requireCanonicalAor } from './canonical-aor.ts';
import { toApplyResponse } from './proto-mapping.ts';
import { toRegistration } from './to-registration.ts';

/** Apply: all changes of one REGISTER, or none. */
export function createApplyHandler(table: BindingTable, clock: Clock): Call<ApplyRequest, ApplyResponse> {
  return async (request, context) => {
    requireCanonicalAor(request.aor);
    const deadlineAtMs = clock.nowMs() + context.timeoutMs;
    const result = await table.apply(request.aor, toRegistration(request), deadlineAtMs, context.traceparent);
    return toApplyResponse(result, clock.nowMs());
  };
}
