import { describe, expect, it } from 'vitest';
import { absence, ManualClock } from '../test/fakes.ts';
import { FaultLog } from './fault-log.ts';

describe('the log of faults', () => {
  it('has a line a second, and says how many were left out', () => {
    const lines: unknown[] = [];
    const write = (level: string) => (fields: object) => lines.push({ level, ...fields });
    const clock = new ManualClock();
    const log = new FaultLog(clock, { warn: write('warn'), error: write('error') });
    for (let n = 0; n < 100; n += 1) log.note(absence(), 'location failed');
    clock.pass(1000);
    log.note(new Error('bug'), 'location failed');
    expect(lines).toMatchObject([
      { level: 'warn', leftOut: 0 },
      { level: 'error', leftOut: 99 },
    ]);
  });
});
