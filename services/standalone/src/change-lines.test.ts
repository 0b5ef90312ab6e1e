import { describe, expect, it } from 'vitest';
import { type ChangeLine, ChangeLines, formatChange } from './change-lines.ts';

const created: ChangeLine = {
  atMs: Date.UTC(2026, 0, 2, 21, 4, 5),
  change: 'created',
  aor: 'sip:alice@example.com',
  contact: 'sip:alice@192.0.2.7:5060',
  expiresSec: 600,
  received: '192.0.2.7:40000',
};

describe('formatChange', () => {
  it('says who registered what, for how long, and from where', () => {
    expect(formatChange(created)).toBe(
      '21:04:05  registered  sip:alice@example.com -> sip:alice@192.0.2.7:5060, 600 s, from 192.0.2.7:40000',
    );
  });

  it('has no lifetime for what is gone', () => {
    expect(formatChange({ ...created, change: 'expired', expiresSec: 0 })).toBe(
      '21:04:05  expired     sip:alice@example.com -> sip:alice@192.0.2.7:5060',
    );
  });

  it('lets no contact write control characters to a terminal', () => {
    expect(formatChange({ ...created, contact: 'sip:\u001b[2J@h' })).toContain('sip:%1B[2J@h');
  });
});

describe('ChangeLines', () => {
  it('counts instead of writing while there are more than a person can read', () => {
    const lines: string[] = [];
    const timers: (() => void)[] = [];
    let nowMs = 5_000;
    const clock = {
      nowMs: () => nowMs,
      after: (_delayMs: number, run: () => void) => {
        timers.push(run);
        return { cancel: () => undefined };
      },
    };
    const shown = new ChangeLines({ write: (line) => lines.push(line), clock });
    for (let index = 0; index < 100; index += 1) shown.show(created);
    expect(lines).toHaveLength(40);
    expect(timers).toHaveLength(1);
    nowMs = 6_000;
    timers[0]?.();
    expect(lines.at(-1)).toContain('60 more changes');
    shown.show(created);
    expect(lines).toHaveLength(42);
  });
});
