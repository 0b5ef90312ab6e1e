/** The use of a nonce's count in one request. Instants are milliseconds since 1970. */
export interface NonceUse {
  /** A nonce of ours, already checked. */
  readonly nonce: string;
  readonly nc: number;
  /** Identifies the request: a retransmission has the same one. */
  readonly requestKey: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** One failed authentication. */
export interface Failure {
  readonly realm: string;
  readonly username: string;
  /** Source IP address. */
  readonly source: string;
}

/** How many failures lock out. */
export interface FailureLimits {
  /** Failures of one user from one source within the window. */
  readonly perUser: number;
  /** Failures from one source in all within the window. */
  readonly perSource: number;
  /** How long failures count from the first one, and for how long they then lock out. */
  readonly windowMs: number;
}

/** A user that is refused from one source; realm and username are empty where the whole source is. */
export interface Lockout extends Failure {
  readonly untilMs: number;
}

/**
 * What replicas of auth share: counts of nonces that may be used on several AORs, and failures. Bounded, and gone when
 * no longer needed. A method rejects with a ServiceFault where the store does not answer.
 */
export interface AuthStore {
  readonly kind: 'memory' | 'redis';
  /**
   * Raises a nonce's count; atomic. True where nc is greater than every count before, or the request is the last one
   * again; false for a replay, which changes nothing.
   */
  useNonce(use: NonceUse, nowMs: number): Promise<boolean>;
  /** Counts a failure; the lock-outs that it brings about, if any, also go to listeners on every replica. */
  countFailure(failure: Failure, limits: FailureLimits, nowMs: number): Promise<readonly Lockout[]>;
  /** Lock-outs told to every replica, our own ones included; at least once each. */
  onLockout(listen: (lockout: Lockout) => void): void;
  /** Undefined while the store answers, else what is wrong. */
  check(): string | undefined;
  close(): Promise<void>;
}
