import { describe, expect, it } from 'vitest';
import { FaultLog } from './fault-log.ts';
import { GrpcCode, ServiceFault } from './service-fault.ts';

describe('the log of faults', () => {
  it('has a line a second, and says how many were left out', () => {
    const lines: unknown[] = [];
    const write = (level: string) => (fields: object) => lines.push({ level, ...fields });
    let nowMs = 0;
    const clock = { nowMs: () => nowMs, after: () => ({ cancel: () => undefined }) };
    const log = new FaultLog(clock, { warn: write('warn'), error: write('error') });
    for (let n = 0; n < 100; n += 1) {
      log.note(new ServiceFault(GrpcCode.UNAVAILABLE, 'TEST', 'absent'), 'location failed');
    }
    nowMs += 1000;
    log.note(new Error('bug'), 'location failed');
    expect(lines).toMatchObject([
      { level: 'warn', leftOut: 0 },
      { level: 'error', leftOut: 99 },
    ]);
  });
});
