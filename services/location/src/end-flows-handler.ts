import type { Binding } from '@rollcall/bindings';
import type { Call, EndFlowsRequest, EndFlowsResponse } from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { BindingTable } from './binding-table.ts';
import { requireCanonicalAor } from './canonical-aor.ts';
import { invalidArgument } from './faults.ts';

/** Most AORs in one request. */
const mostAors = 1000;

/** Removals written side by side: an edge that loses all its connections at once must not take the store to itself. */
const sideBySide = 32;

/** One AOR, and the flow that is gone. */
interface Removal {
  readonly aor: string;
  readonly edge: string;
  readonly token: string;
}

/**
 * EndFlows: bindings that were last registered by a flow that is gone, and that are reached by its edge, go (RFC 5626 §6).
 * One that its phone has registered by another flow meanwhile has that flow's token, and stays.
 */
export function createEndFlowsHandler(
  table: Pick<BindingTable, 'remove'>,
  clock: Clock,
): Call<EndFlowsRequest, EndFlowsResponse> {
  return async ({ flows }, context) => {
    const removals = readRemovals(flows);
    const deadlineAtMs = clock.nowMs() + context.timeoutMs;
    let removed = 0;
    const waiting = removals.values();
    const work = async () => {
      for (const removal of waiting) removed += await removeOne(table, removal, deadlineAtMs);
    };
    // All are waited for: none may fail unheard.
    const workers = await Promise.allSettled(Array.from({ length: sideBySide }, work));
    const failed = workers.find((worker) => worker.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return { removed };
  };
}

function readRemovals(flows: EndFlowsRequest['flows']): Removal[] {
  const removals = flows.flatMap(({ edge, token, aors }) => {
    if (edge === '' || token === '')
      throw invalidArgument('FLOW_INVALID', 'a flow has the name of its edge and a token');
    return aors.map((aor) => ({ aor, edge, token }));
  });
  if (removals.length > mostAors)
    throw invalidArgument('TOO_MANY_AORS', `${mostAors} AORs at most in one request`);
  for (const { aor } of removals) requireCanonicalAor(aor);
  return removals;
}

async function removeOne(
  table: Pick<BindingTable, 'remove'>,
  { aor, edge, token }: Removal,
  deadlineAtMs: number,
): Promise<number> {
  const isGone = ({ flow, path }: Binding) => flow?.edge === edge && flow.token === token && path.length > 0;
  const { changes } = await table.remove(
    aor,
    (bindings) => bindings.filter(isGone),
    deadlineAtMs,
    'flow-failed',
  );
  return changes.filter(({ change }) => change === 'flow-failed').length;
}
