import { describe, expect, it } from 'vitest';
import { absence, ManualClock, realm } from '../test/fakes.ts';
import { FailureReports } from './failure-reports.ts';
import { LockoutTable } from './lockout-table.ts';

describe('reports of failures', () => {
  it('A27: lock out here what auth locks out', async () => {
    const lockouts = new LockoutTable(new ManualClock());
    const answered = Promise.resolve({ retryAfterMs: 5000 });
    new FailureReports({ reportFailure: () => answered }, lockouts).report(realm, 'alice', '192.0.2.66');
    await answered;
    await Promise.resolve();
    expect(lockouts.holds(realm, 'alice', '192.0.2.66')).toBe(true);
  });

  it('are bounded while auth does not answer, and start again when it does', async () => {
    const waiting: (() => void)[] = [];
    const reportFailure = () =>
      new Promise<{ retryAfterMs: number }>((_resolve, reject) => waiting.push(() => reject(absence())));
    const reports = new FailureReports({ reportFailure }, new LockoutTable(new ManualClock()));
    for (let n = 0; n < 1000; n += 1) reports.report(realm, `user-${n}`, '192.0.2.66');
    expect(waiting).toHaveLength(256);
    for (const fail of waiting) fail();
    await new Promise((resolve) => setImmediate(resolve));
    reports.report(realm, 'alice', '192.0.2.66');
    expect(waiting).toHaveLength(257);
  });
});
