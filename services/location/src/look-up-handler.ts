import type { Call, LookUpRequest, LookUpResponse } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { BindingTable } from './binding-table.ts';
import { requireCanonicalAor } from './canonical-aor.ts';
import { toBindingMessages } from './proto-mapping.ts';

/** LookUp: the current bindings of one AOR, for our own services. */
export function createLookUpHandler(table: BindingTable, clock: Clock): Call<LookUpRequest, LookUpResponse> {
  return async (request, { traceparent }) => {
    requireCanonicalAor(request.aor);
    const bindings = await table.lookUp(request.aor, traceparent);
    return { bindings: toBindingMessages(bindings, clock.nowMs()) };
  };
}
