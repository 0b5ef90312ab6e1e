export { type DigestAlgorithm, digestAlgorithms, readAlgorithm } from './algorithm.ts';
export { type PresentedCredentials, pickCredentials } from './credentials.ts';
export { checkNonce, NonceMint, type NonceState } from './nonce.ts';
export {
  computeHa1,
  computeResponse,
  hashUsername,
  type ResponseParts,
  verifyResponse,
} from './response.ts';
export { computeResponseAuth } from './response-auth.ts';
export {
  type AuthenticatedRequest,
  type ChallengePolicy,
  type ChallengeReason,
  inspectCredentials,
  type Refusal,
  type StoredHa1,
  type Verdict,
  verifyCredentials,
} from './verify-credentials.ts';
