import {
  type BatchGetRegistrationsRequest,
  type BatchGetRegistrationsResponse,
  type BatchGetResult,
  type CallContext,
  type LocationApiCalls,
  type Registration as PublicRegistration,
  ServiceFault,
  toStatusMessage,
} from '@rollcall/rpc';
import type { Clock } from '@rollcall/runtime';
import type { BindingTable } from '../binding-table.ts';
import { readAor } from '../canonical-aor.ts';
import { deadlineExceeded, invalidArgument } from '../faults.ts';
import { toPublicRegistration } from '../proto-mapping.ts';

/** Most AORs in one BatchGetRegistrations (AIP-231). */
const maxBatch = 1000;

/** Most look-ups of one batch under way at once: one caller must not fill the store's queue. */
const sideBySide = 100;

/** GetRegistration and BatchGetRegistrations: the public look-up API. */
export function createGetHandlers(
  table: BindingTable,
  clock: Clock,
): Pick<LocationApiCalls, 'getRegistration' | 'batchGetRegistrations'> {
  const read = async (text: string, traceparent: string): Promise<PublicRegistration> => {
    const aor = readAor(text);
    const bindings = await table.lookUp(aor, traceparent);
    return toPublicRegistration(aor, bindings, clock.nowMs());
  };
  return {
    getRegistration: async (request, { traceparent }) => ({
      registration: await read(request.aor, traceparent),
    }),
    batchGetRegistrations: (request, context) => readBatch(request, context, read, clock),
  };
}

async function readBatch(
  request: BatchGetRegistrationsRequest,
  context: CallContext,
  read: (text: string, traceparent: string) => Promise<PublicRegistration>,
  clock: Clock,
): Promise<BatchGetRegistrationsResponse> {
  const { aors } = request;
  if (aors.length === 0) throw invalidArgument('AORS_MISSING', `aors names 1 to ${maxBatch} AORs`);
  if (aors.length > maxBatch) throw invalidArgument('TOO_MANY_AORS', `aors names 1 to ${maxBatch} AORs`);
  const deadlineAtMs = clock.nowMs() + context.timeoutMs;
  const results: BatchGetResult[] = [];
  for (let start = 0; start < aors.length; start += sideBySide) {
    if (clock.nowMs() >= deadlineAtMs) throw deadlineExceeded();
    const some = aors.slice(start, start + sideBySide);
    results.push(
      ...(await Promise.all(some.map((aor) => readItem(aor, (text) => read(text, context.traceparent))))),
    );
  }
  return { results };
}

/** One bad item does not fail its batch. */
async function readItem(
  aor: string,
  read: (text: string) => Promise<PublicRegistration>,
): Promise<BatchGetResult> {
  try {
    return { aor, result: { $case: 'registration', value: await read(aor) } };
  } catch (error) {
    if (!(error instanceof ServiceFault)) throw error;
    return { aor, result: { $case: 'error', value: toStatusMessage(error) } };
  }
}
