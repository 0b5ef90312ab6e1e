import { expect, it } from 'vitest';
import { logStart } from './log-position.ts';
import { MemoryChangeLog } from './memory-change-log.ts';

function fill(log: MemoryChangeLog, count: number, atMs: (index: number) => number): void {
  for (let index = 0; index < count; index += 1) {
    const change = { aor: `a${index}`, change: 'created' as const, bindingId: 'b', binding: undefined };
    log.add(change, atMs(index));
  }
}

it('numbers entries as they come, also where the clock goes back', () => {
  const log = new MemoryChangeLog(100);
  fill(log, 4, (index) => [5, 5, 3, 7][index] ?? 0);
  const positions = log.after(logStart, 10)?.map(({ position }) => position);
  expect(positions).toEqual([
    { ms: 5, seq: 0 },
    { ms: 5, seq: 1 },
    { ms: 5, seq: 2 },
    { ms: 7, seq: 0 },
  ]);
  expect(log.end).toEqual({ ms: 7, seq: 0 });
});

it('gives what follows any entry, in pages', () => {
  const log = new MemoryChangeLog(100);
  fill(log, 50, (index) => index >> 2);
  const all = log.after(logStart, 100) ?? [];
  for (const [index, { position }] of all.entries()) {
    expect(log.after(position, 7)).toEqual(all.slice(index + 1, index + 8));
  }
});

it('says where entries after a position are gone, or the position is not its own', () => {
  const log = new MemoryChangeLog(10);
  expect(log.after(logStart, 10)).toEqual([]);
  fill(log, 10, () => 1);
  const early = log.end;
  fill(log, 30, () => 2);
  expect(log.after(early, 10)).toBeUndefined();
  expect(log.after(logStart, 10)).toBeUndefined();
  expect(log.after({ ms: 9, seq: 9 }, 10)).toBeUndefined();
  expect(log.after(log.end, 10)).toEqual([]);
});
