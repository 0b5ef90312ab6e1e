import { hash } from 'node:crypto';
import type { PresentedCredentials } from '@rollcall/digest';
import type { CallBudget } from '@rollcall/rpc';
import type { ResponseProof } from './authentication-info.ts';
import type { Identity } from './authorise.ts';
import type { Challenge } from './challenge-stock.ts';
import type { Rejection } from './rejection.ts';

/** What of a request is needed to authenticate it. */
export interface AuthenticationAsked {
  readonly method: 'REGISTER' | 'SUBSCRIBE';
  /** The served domain, which is the realm. */
  readonly domain: string;
  readonly aor: string;
  readonly requestUri: string;
  readonly credentials: readonly PresentedCredentials[];
  readonly body: Buffer;
  readonly callId: string;
  readonly cseq: number;
  readonly branch: string;
  readonly contacts: readonly unknown[];
  readonly removeAll: boolean;
  readonly expiresSec?: number | undefined;
  readonly path: readonly string[];
  /** IP address of the sender as the edge saw it. */
  readonly source: string;
}

/** A verified nonce whose count the AOR's record must check and raise. */
export interface NonceUse {
  nonce: string;
  nc: number;
  issuedAtMs: number;
  expiresAtMs: number;
}

/** Who it is, and on what conditions. */
export interface Authenticated {
  readonly kind: 'authenticated';
  readonly identity: Identity;
  /** To be checked with the bindings; undefined where it has been checked, or there is none. */
  readonly nonce: NonceUse | undefined;
  /** True where no auth answered: good for refreshing what is bound, and for nothing new. */
  readonly refreshOnly: boolean;
  /** For the Authentication-Info of the 200; undefined where it is switched off, or no password was proved. */
  readonly proof: ResponseProof | undefined;
  /** Why it is not admitted all the same: it comes from elsewhere than its own networks. */
  readonly refusal: Rejection | undefined;
}

/** A 401 is owed. */
export interface ChallengeOwed {
  readonly kind: 'challenge-owed';
  readonly reason: 'no_credentials' | 'auth_failed' | 'stale' | 'nonce_replayed';
  /** The challenge, where auth has already made one. */
  readonly challenge: Challenge | undefined;
}

export type Authentication = Authenticated | ChallengeOwed | Rejection;

/** Step 3 of RFC 3261 §10.3. Answers at once where it can; a fault of auth is thrown. */
export interface Authenticator {
  authenticate(asked: AuthenticationAsked, budget: CallBudget): Authentication | Promise<Authentication>;
}

/**
 * Identifies a request: a retransmission, or its replay on another replica, has the same key and is no replay attack.
 * Digest covers neither To nor Contact, so the key covers what the request asks for as well: captured credentials do
 * not serve for anything else.
 */
export function requestKey(asked: AuthenticationAsked): string {
  const { aor, callId, cseq, branch, contacts, removeAll, expiresSec, path } = asked;
  const identity = JSON.stringify([aor, callId, cseq, branch, contacts, removeAll, expiresSec ?? -1, path]);
  return hash('sha256', Buffer.from(identity, 'latin1'), 'base64url');
}
