import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExpiryCalendar } from './expiry-calendar.ts';

it('names who is due, until set anew', () => {
  const calendar = new ExpiryCalendar();
  calendar.set('a', 1500);
  calendar.set('b', 2000);
  expect(calendar.due(1499, 10)).toEqual([]);
  expect(calendar.due(1500, 10)).toEqual(['a']);
  expect(calendar.countDue(1999)).toBe(1);
  expect(calendar.due(2000, 10)).toEqual(['a', 'b']);
  calendar.set('a', undefined);
  calendar.set('b', 9000);
  expect(calendar.due(8999, 10)).toEqual([]);
  expect(calendar.due(60_000, 10)).toEqual(['b']);
});

it('names no more than asked for, and the rest next time', () => {
  const calendar = new ExpiryCalendar();
  for (const name of ['a', 'b', 'c']) calendar.set(name, 1000);
  const first = calendar.due(5000, 2);
  expect(first).toHaveLength(2);
  expect(calendar.countDue(5000)).toBe(3);
  for (const name of first) calendar.set(name, undefined);
  expect(calendar.due(5000, 2)).toEqual(['c']);
});

it('agrees with a list, whatever is set and asked', () => {
  const steps = fc.array(
    fc.tuple(
      fc.constantFrom('a', 'b', 'c', 'd'),
      fc.option(fc.nat(20_000), { nil: undefined }),
      fc.nat(25_000),
    ),
  );
  fc.assert(
    fc.property(steps, (list) => {
      const calendar = new ExpiryCalendar();
      const model = new Map<string, number>();
      let nowMs = 0;
      for (const [name, atMs, waitMs] of list) {
        calendar.set(name, atMs);
        if (atMs === undefined) model.delete(name);
        else model.set(name, Math.ceil(atMs / 250) * 250);
        nowMs += waitMs / 10;
        const expected = [...model].filter(([, dueAtMs]) => dueAtMs <= nowMs).map(([each]) => each);
        expect(calendar.due(nowMs, 100).sort()).toEqual(expected.sort());
        expect(calendar.countDue(nowMs)).toBe(expected.length);
      }
    }),
  );
});
