/**
 * The base values of RFC 3261 §17, in milliseconds; all other timers follow from them (see the table in the README).
 * The RFC's values fit phones on the internet; only tests and closed networks have reason to change them.
 */
export interface TimerSettings {
  /** Estimate of the round trip. */
  readonly t1Ms: number;
  /** Longest interval between retransmissions. */
  readonly t2Ms: number;
  /** How long a message may stay in the network. */
  readonly t4Ms: number;
  /** How long an INVITE waits for its first response before it gets 100. §17.2.1 allows 200; the timer wheel's tick is taken off. */
  readonly tryingMs: number;
  /** How long an INVITE may be without final response: longer than a proxy's timer C (§16.6 step 11). */
  readonly inviteMs: number;
  /** Resolution of all of them: a timer fires up to this much late, never early. */
  readonly tickMs: number;
}

export const DEFAULT_TIMERS: TimerSettings = {
  t1Ms: 500,
  t2Ms: 4_000,
  t4Ms: 5_000,
  tryingMs: 180,
  inviteMs: 200_000,
  tickMs: 20,
};

/** 64·T1: timers B, F, H, J, L and M. After it nobody repeats a message any more. */
export function lifetimeMs(timers: TimerSettings): number {
  return 64 * timers.t1Ms;
}

/**
 * When a client's timer E has reached T2, after T1 + 2·T1 + 4·T1 with the usual values: before it a non-INVITE over UDP must
 * not get a 100, from then on it must (RFC 4320 §4.1).
 */
export function nonInviteTryingMs(timers: TimerSettings): number {
  let sum = 0;
  for (let interval = timers.t1Ms; interval < timers.t2Ms; interval *= 2) sum += interval;
  return sum;
}
