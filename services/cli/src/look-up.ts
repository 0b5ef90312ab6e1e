import {
  type BatchGetResult,
  type CallContext,
  GrpcCode,
  type LocationApiCalls,
  type Registration,
  ServiceFault,
} from '@rollcall/rpc';
import { CommandFailure, exitCodes } from './exit-codes.ts';
import { withoutControls } from './printable.ts';

/** What location says of one AOR. */
export type FoundAddress =
  | { readonly aor: string; readonly registration: Registration }
  | { readonly aor: string; readonly problem: string };

/** Most AORs in one request (AIP-231); a longer list goes in several. */
const maxBatch = 1000;

/**
 * Asks location for AORs: one with GetRegistration, several with BatchGetRegistrations.
 *
 * @param target where location is, for the message that nobody answers
 * @throws CommandFailure where location does not answer, or refuses the whole call
 */
export async function lookUp(
  location: LocationApiCalls,
  target: string,
  aors: readonly string[],
  context: CallContext,
): Promise<FoundAddress[]> {
  try {
    const [only] = aors;
    if (only !== undefined && aors.length === 1) {
      const { registration } = await location.getRegistration({ aor: only }, context);
      return [found(only, registration)];
    }
    const all: FoundAddress[] = [];
    for (let start = 0; start < aors.length; start += maxBatch) {
      const some = aors.slice(start, start + maxBatch);
      const { results } = await location.batchGetRegistrations({ aors: some }, context);
      all.push(...results.map(readResult));
    }
    return all;
  } catch (error) {
    if (error instanceof ServiceFault) throw failureOf(error, target);
    throw error;
  }
}

function readResult({ aor, result }: BatchGetResult): FoundAddress {
  if (result?.$case === 'error') return { aor, problem: withoutControls(result.value.message) };
  return found(aor, result?.value);
}

function found(aor: string, registration: Registration | undefined): FoundAddress {
  return registration === undefined
    ? { aor, problem: 'location sent no registration' }
    : { aor, registration };
}

function failureOf(fault: ServiceFault, target: string): CommandFailure {
  const said = `${fault.reason}: ${withoutControls(fault.message)}`;
  if (fault.code === GrpcCode.DEADLINE_EXCEEDED) {
    return new CommandFailure(exitCodes.noAnswer, `no answer from location at ${target} in time (${said})`, {
      cause: fault,
    });
  }
  if (fault.reason === 'BACKEND_UNAVAILABLE') {
    const advice =
      'is it running? try `npm start`, or name it with --location; where it speaks TLS, --grpc-ca';
    // What a TLS handshake failed of, where one did.
    const reason = fault.cause instanceof Error ? fault.cause.message : advice;
    return new CommandFailure(exitCodes.noAnswer, `no answer from location at ${target}: ${reason}`, {
      cause: fault,
    });
  }
  return new CommandFailure(exitCodes.refused, `location did not answer the question (${said})`, {
    cause: fault,
  });
}
