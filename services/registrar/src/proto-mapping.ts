import type { ApplyRequest, RegisterRequest, RegisterResponse, Rejected } from '@rollcall/rpc';
import type { NonceUse } from './authentication.ts';
import { userOfAor } from './authorise.ts';
import type { BindingGruus } from './gruus-of-bindings.ts';
import { supportedOptionTags } from './option-tags.ts';
import type { Challenged } from './owed-challenge.ts';
import type { RegistrationPlan, RegistrationPolicy } from './plan-registration.ts';
import type { Rejection } from './rejection.ts';

/** What a REGISTER came to, before it is put into the words of the contract. */
export type RegisterOutcome =
  | {
      readonly kind: 'registered';
      readonly plan: RegistrationPlan;
      /** Bindings that were not there before. */
      readonly created: number;
      /** The AOR that they are kept under; '' where the request names it as itself. */
      readonly storedAor: string;
      /** All that is bound now. */
      readonly bindings: BindingRows;
      readonly path: string[];
      /** One for each binding; empty where the phone does not support GRUUs. */
      readonly gruus: BindingGruus[];
      /** Values for a P-Associated-URI header; empty for none. */
      readonly associatedUris: string[];
      /** Values for a Service-Route header; empty for none. */
      readonly serviceRoute: readonly string[];
      /** Value of an Authentication-Info header; '' for none. */
      readonly authenticationInfo: string;
    }
  | Challenged
  | Rejection;

type BindingRows = Extract<RegisterResponse['outcome'], { $case: 'registered' }>['value']['bindings'];

const requireOutbound = ['outbound'];
const requireNothing: string[] = [];

/**
 * The request to location: everything is decided but what depends on the AOR's record.
 *
 * @param aor the one that it is kept under, which the request may name by a number
 */
export function toApplyRequest(
  request: RegisterRequest,
  aor: string,
  plan: RegistrationPlan,
  nonce: NonceUse | undefined,
  policy: RegistrationPolicy,
): ApplyRequest {
  return {
    aor,
    callId: request.callId,
    cseq: request.cseq,
    branch: request.branch,
    updates: plan.updates,
    removeAll: plan.operation === 'remove_all',
    path: storedPath(request),
    flow: request.flow,
    userAgent: request.userAgent,
    maxBindings: policy.maxContacts,
    nonce,
    refused: false,
    replaceOldest: policy.maxContactsPolicy === 'replace-oldest',
    gruu: request.supported.includes('gruu'),
    number: request.aor === aor ? undefined : userOfAor(request.aor),
    push: policy.pushProviders.length > 0,
  };
}

/** The Path to be kept with the bindings, topmost first: the edge's own before those that came with the request. */
export function storedPath({ edgePath, path }: Pick<RegisterRequest, 'edgePath' | 'path'>): string[] {
  return edgePath === '' ? path : [edgePath, ...path];
}

/**
 * A request to location that changes nothing but the nonce's count: of a REGISTER that the registrar has refused by
 * itself, or of a SUBSCRIBE.
 */
export function toNonceRequest(
  request: Pick<RegisterRequest, 'callId' | 'cseq' | 'branch'>,
  aor: string,
  nonce: NonceUse,
): ApplyRequest {
  return {
    aor,
    callId: request.callId,
    cseq: request.cseq,
    branch: request.branch,
    updates: [],
    removeAll: false,
    path: [],
    flow: undefined,
    userAgent: '',
    maxBindings: 0,
    nonce,
    refused: true,
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
            serviceRoute: [...outcome.serviceRoute],
            associatedUris: outcome.associatedUris,
            featureCaps: outcome.plan.featureCaps,
            gruus: outcome.gruus,
            authenticationInfo: outcome.authenticationInfo,
            storedAor: outcome.storedAor,
          },
        },
      };
    case 'challenged':
      return { outcome: { $case: 'challenged', value: outcome.challenge } };
    case 'rejected':
      return { outcome: { $case: 'rejected', value: toRejected(outcome) } };
  }
}

/** A rejection in the words of the contract. */
export function toRejected(rejection: Rejection): Rejected {
  return {
    status: rejection.status,
    reasonPhrase: rejection.reasonPhrase,
    minExpiresSec: rejection.minExpiresSec,
    unsupported: [...rejection.unsupported],
    retryAfterSec: rejection.retryAfterSec,
  };
}
