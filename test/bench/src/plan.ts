/** How much is measured. */
export interface Plan {
  readonly name: 'quick' | 'full';
  /** Users that every target knows. */
  readonly users: number;
  /** Offered rate at which CPU is judged, per second. */
  readonly perSec: number;
  /** Operations of one run. */
  readonly operations: number;
  /** Alternating rounds of what budgets are judged by, and of the rest. */
  readonly rounds: number;
  readonly otherRounds: number;
  readonly warmUp: number;
  /** First registrations of one run by SIPp, offered at the rate of sippPerSec. */
  readonly sippCalls: number;
  readonly sippPerSec: number;
  /** AORs in the table for the look-ups that show how their cost grows. */
  readonly tableSizes: readonly number[];
  /** Phones that register again after a restart; 0 leaves it out. */
  readonly restartPhones: number;
}

/** Under five minutes. */
export const quickPlan: Plan = {
  name: 'quick',
  users: 36_000,
  perSec: 4000,
  operations: 8000,
  rounds: 2,
  otherRounds: 1,
  warmUp: 20_000,
  sippCalls: 5000,
  sippPerSec: 2000,
  tableSizes: [],
  restartPhones: 0,
};

/** What docs/performance.md is written from: some 25 minutes. */
export const fullPlan: Plan = {
  name: 'full',
  users: 100_000,
  perSec: 4000,
  operations: 20_000,
  rounds: 4,
  otherRounds: 3,
  warmUp: 20_000,
  sippCalls: 10_000,
  sippPerSec: 2000,
  tableSizes: [1000, 100_000, 1_000_000],
  restartPhones: 100_000,
};
