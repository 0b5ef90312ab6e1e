import { describe, expect, it } from 'vitest';
import { ManualClock } from '../test/fakes.ts';
import { LockoutTable } from './lockout-table.ts';

describe('lock-outs', () => {
  it('A27: refuse one user from one source, for as long as said', () => {
    const clock = new ManualClock();
    const lockouts = new LockoutTable(clock);
    lockouts.set('example.com', 'alice', '192.0.2.66', 5000);
    expect(lockouts.holds('example.com', 'alice', '192.0.2.66')).toBe(true);
    expect(lockouts.holds('example.com', 'alice', '192.0.2.1')).toBe(false);
    expect(lockouts.holds('example.com', 'bob', '192.0.2.66')).toBe(false);
    clock.pass(5000);
    expect(lockouts.holds('example.com', 'alice', '192.0.2.66')).toBe(false);
  });

  it('A27: refuse everybody from a source, and end when told', () => {
    const lockouts = new LockoutTable(new ManualClock());
    lockouts.set('', '', '192.0.2.66', 5000);
    expect(lockouts.holds('example.com', 'bob', '192.0.2.66')).toBe(true);
    lockouts.set('', '', '192.0.2.66', 0);
    expect(lockouts.holds('example.com', 'bob', '192.0.2.66')).toBe(false);
  });

  it('are bounded: the oldest is forgotten first', () => {
    const lockouts = new LockoutTable(new ManualClock());
    for (let n = 0; n <= 10_000; n += 1) lockouts.set('example.com', `user-${n}`, '192.0.2.66', 5000);
    expect(lockouts.holds('example.com', 'user-0', '192.0.2.66')).toBe(false);
    expect(lockouts.holds('example.com', 'user-1', '192.0.2.66')).toBe(true);
    expect(lockouts.holds('example.com', 'user-10000', '192.0.2.66')).toBe(true);
  });
});
