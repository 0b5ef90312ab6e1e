import type { ApplyRequest, RegisterRequest, RegisterResponse } from '@rollcall/rpc';
import type { ChallengeOwed, NonceUse } from './authentication.ts';
import type { Challenge } from './challenge-stock.ts';
import { supportedOptionTags } from './option-tags.ts';
import type { RegistrationPlan } from './plan-registration.ts';
import type { Rejection } from './rejection.ts';

/** What a REGISTER came to, before it is put into the words of the contract. */
export type RegisterOutcome =
  | {
      readonly kind: 'registered';
      readonly plan: RegistrationPlan;
      /** All that is bound now. */
      readonly bindings: BindingRows;
      readonly path: string[];
    }
  | {
      readonly kind: 'challenged';
      readonly challenge: Challenge;
      readonly reason: ChallengeOwed['reason'];
    }
  | Rejection;

type BindingRows = Extract<RegisterResponse['outcome'], { $case: 'registered' }>['value']['bindings'];

const requireOutbound = ['outbound'];
const requireNothing: string[] = [];

/** The request to location: everything is decided but what depends on the AOR's record. */
export function toApplyRequest(
  request: RegisterRequest,
  aor: string,
  plan: RegistrationPlan,
  nonce: NonceUse | undefined,
  maxBindings: number,
): ApplyRequest {
  return {
    aor,
    callId: request.callId,
    cseq: request.cseq,
    branch: request.branch,
    updates: plan.updates,
    removeAll: plan.operation === 'remove_all',
    path: request.path,
    flow: request.flow,
    userAgent: request.userAgent,
    maxBindings,
    nonce,
    refused: false,
    replaceOldest: false,
    gruu: false,
    number: undefined,
    push: false,
  };
}

export function toRegisterResponse(outcome: RegisterOutcome): RegisterResponse {
  switch (outcome.kind) {
    case 'registered':
      return {
        outcome: {
          $case: 'registered',
          value: {
            bindings: outcome.bindings,
            path: outcome.path,
            require: outcome.plan.outbound ? requireOutbound : requireNothing,
            supported: [...supportedOptionTags],
            serviceRoute: [],
            associatedUris: [],
            featureCaps: [],
            gruus: [],
          },
        },
      };
    case 'challenged':
      return { outcome: { $case: 'challenged', value: outcome.challenge } };
    case 'rejected':
      return {
        outcome: {
          $case: 'rejected',
          value: {
            status: outcome.status,
            reasonPhrase: outcome.reasonPhrase,
            minExpiresSec: outcome.minExpiresSec,
            unsupported: [...outcome.unsupported],
            retryAfterSec: outcome.retryAfterSec,
          },
        },
      };
  }
}
