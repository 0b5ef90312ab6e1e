import { parseUri, SipParseError, sameUri } from '@rollcall/sip';
import { readAlgorithm } from './algorithm.ts';
import { type PresentedCredentials, rankAlgorithm } from './credentials.ts';
import { checkNonce } from './nonce.ts';
import { type ResponseParts, verifyResponse } from './response.ts';

/** What challenges of a realm ask for, and how their nonces are checked. */
export interface ChallengePolicy {
  /** Algorithms offered, for example "SHA-256", "MD5", "MD5-sess"; no other is accepted. */
  readonly algorithms: readonly string[];
  /** Qualities of protection offered, for example "auth" or "auth,auth-int". */
  readonly qop: string;
  /** The opaque value of challenges; credentials that leave it out are accepted. */
  readonly opaque: string;
  /** Keys of the nonces; any of them is good. */
  readonly nonceKeys: readonly Uint8Array[];
  readonly nonceLifetimeSec: number;
  /** True to accept responses without qop (RFC 2069), which RFC 8760 §2.6 advises against; a nonce is then good once. */
  readonly acceptsNoQop?: boolean;
}

/** The request that carried the credentials. */
export interface AuthenticatedRequest {
  readonly method: string;
  /** The Request-URI as received. */
  readonly requestUri: string;
  /** The realm that the request must have credentials for: the served domain. */
  readonly realm: string;
  /** Says whether a host in lower case is a served domain. */
  servesDomain(host: string): boolean;
  readonly body: Uint8Array;
}

/** HA1 of the user for one algorithm. */
export interface StoredHa1 {
  /** "MD5", "SHA-256" or "SHA-512-256". */
  readonly algorithm: string;
  readonly hash: string;
}

/** Why a challenge is owed; from a closed set, for metrics. */
export type ChallengeReason =
  /** None for the realm, or the empty ones of a first IMS registration. */
  | 'no-credentials'
  | 'algorithm-not-offered'
  | 'qop-not-offered'
  /** The digest is wrong: the only reason that counts as a failure of the user. */
  | 'wrong-response'
  /** The digest is right, the nonce or the opaque value is none of ours. */
  | 'unknown-nonce'
  /** The digest is right, the nonce is too old. */
  | 'expired-nonce';

/** A verdict that does not accept. */
export type Refusal =
  | { readonly kind: 'challenge'; readonly stale: boolean; readonly reason: ChallengeReason }
  /** The header is malformed: 400 is owed. */
  | { readonly kind: 'malformed'; readonly problem: string };

/** The verdict on credentials. Whether nc is fresh is still to be checked where the nonces' counts are kept. */
export type Verdict =
  | {
      readonly kind: 'verified';
      readonly nonce: string;
      /** The nonce count; 1 for a response without qop. */
      readonly nc: number;
      readonly issuedAtMs: number;
      readonly expiresAtMs: number;
    }
  | Refusal;

const noCredentials: Refusal = { kind: 'challenge', stale: false, reason: 'no-credentials' };
const algorithmNotOffered: Refusal = { kind: 'challenge', stale: false, reason: 'algorithm-not-offered' };
const qopNotOffered: Refusal = { kind: 'challenge', stale: false, reason: 'qop-not-offered' };
const wrongResponse: Refusal = { kind: 'challenge', stale: false, reason: 'wrong-response' };
// stale says that the digest was right, so it is never said before the digest has been checked (RFC 7616 §3.3).
const unknownNonce: Refusal = { kind: 'challenge', stale: true, reason: 'unknown-nonce' };
const expiredNonce: Refusal = { kind: 'challenge', stale: true, reason: 'expired-nonce' };

/**
 * Judges digest credentials in full, except for the nonce count: realm, algorithm and qop as offered, syntax, the uri
 * parameter, the digest over HA1, opaque and nonce. A user that is not known is judged with a made-up HA1, so that
 * the work done is the same.
 */
export function verifyCredentials(
  credentials: PresentedCredentials | undefined,
  ha1: readonly StoredHa1[],
  request: AuthenticatedRequest,
  policy: ChallengePolicy,
  nowMs: number,
): Verdict {
  const objection = inspectCredentials(credentials, request, policy);
  if (objection !== undefined || credentials === undefined) return objection ?? noCredentials;
  const parameter = readAlgorithm(credentials.algorithm);
  if (parameter === undefined) return algorithmNotOffered;
  const stored = ha1.find((candidate) => candidate.algorithm === parameter.algorithm);
  const parts: ResponseParts = {
    algorithm: parameter.algorithm,
    sess: parameter.sess,
    uri: credentials.uri,
    method: request.method,
    nonce: credentials.nonce,
    cnonce: credentials.cnonce,
    nc: credentials.nc,
    qop: credentials.qop,
    body: request.body,
  };
  const right = verifyResponse(stored?.hash ?? '', parts, credentials.response);
  if (!right || stored === undefined) return wrongResponse;
  if (credentials.opaque !== policy.opaque && credentials.opaque !== '') return unknownNonce;
  const { nonceKeys, nonceLifetimeSec } = policy;
  const state = checkNonce(nonceKeys, credentials.nonce, request.realm, nowMs, nonceLifetimeSec);
  if (state.kind === 'forged') return unknownNonce;
  if (state.kind === 'expired') return expiredNonce;
  return {
    kind: 'verified',
    nonce: credentials.nonce,
    nc: credentials.qop === '' ? 1 : Number.parseInt(credentials.nc, 16),
    issuedAtMs: state.issuedAtMs,
    expiresAtMs: state.expiresAtMs,
  };
}

/**
 * The part of the judgement that needs no HA1: what makes credentials not worth asking for a user's vector. Returns
 * undefined where the digest is to be checked.
 */
export function inspectCredentials(
  credentials: PresentedCredentials | undefined,
  request: AuthenticatedRequest,
  policy: ChallengePolicy,
): Refusal | undefined {
  if (credentials === undefined || credentials.realm !== request.realm) return noCredentials;
  // The first REGISTER of an IMS phone names its user and leaves nonce and response empty (TS 24.229 §5.1.1.2).
  if (credentials.nonce === '' && credentials.response === '') return noCredentials;
  const problem = findProblem(credentials);
  if (problem !== undefined) return { kind: 'malformed', problem };
  if (rankAlgorithm(credentials.algorithm, policy.algorithms) === policy.algorithms.length) {
    return algorithmNotOffered;
  }
  const accepted =
    credentials.qop === '' ? policy.acceptsNoQop === true : offersQop(policy.qop, credentials.qop);
  if (!accepted) return qopNotOffered;
  return meansRequest(credentials.uri, request)
    ? undefined
    : { kind: 'malformed', problem: 'the uri parameter names another resource' };
}

function findProblem(credentials: PresentedCredentials): string | undefined {
  if (credentials.username === '') return 'the username parameter is missing';
  if (credentials.nonce === '') return 'the nonce parameter is missing';
  if (credentials.uri === '') return 'the uri parameter is missing';
  if (credentials.response === '') return 'the response parameter is missing';
  if (credentials.qop === '') return undefined;
  if (credentials.cnonce === '') return 'qop needs a cnonce parameter';
  if (!isNonceCount(credentials.nc))
    return 'qop needs an nc parameter of 8 hexadecimal digits, from 00000001';
  return undefined;
}

function isNonceCount(text: string): boolean {
  if (text.length !== 8 || text === '00000000') return false;
  for (let i = 0; i < 8; i += 1) {
    const code = text.charCodeAt(i) | 0x20;
    const digit = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
    if (!digit || text.charCodeAt(i) < 0x30) return false;
  }
  return true;
}

function offersQop(offered: string, qop: string): boolean {
  const wanted = qop.toLowerCase();
  return offered === wanted || offered.split(',').some((one) => one.trim() === wanted);
}

/**
 * RFC 7616 §3.4.6 asks for the same resource, RFC 3261 §22.4 allows for a Request-URI rewritten on the way: the uri may
 * also name a served domain as such.
 */
function meansRequest(uri: string, request: AuthenticatedRequest): boolean {
  if (uri === request.requestUri) return true;
  try {
    if (sameUri(uri, request.requestUri)) return true;
    const parsed = parseUri(uri);
    return parsed.kind === 'sip' && parsed.user === undefined && request.servesDomain(parsed.host);
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}
