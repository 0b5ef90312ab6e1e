import { describe, expect, it } from 'vitest';
import { SentItems } from './sent-items.ts';

const itemOf = (startedAtMs: number) => ({ id: 0, startedAtMs });

describe('SentItems', () => {
  it('finds each item by its id, once', () => {
    const items = new SentItems<ReturnType<typeof itemOf>>();
    const sent = Array.from({ length: 1000 }, (_, index) => itemOf(index));
    for (const item of sent) items.add(item);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(1000);
    expect(items.size).toBe(1000);
    for (const item of [...sent].reverse()) {
      expect(items.take(item.id)).toBe(item);
      expect(items.take(item.id)).toBeUndefined();
    }
    expect(items.size).toBe(0);
  });

  it('gives a late result to nobody, however often its place was used since', () => {
    const items = new SentItems<ReturnType<typeof itemOf>>();
    const late = itemOf(0);
    items.add(late);
    const { id } = late;
    items.take(id);
    for (let use = 0; use < 60_000; use += 1) {
      const item = itemOf(use);
      items.add(item);
      expect(item.id).not.toBe(id);
      expect(item.id).toBeGreaterThan(0);
      expect(item.id).toBeLessThanOrEqual(0xffff_ffff);
      items.take(item.id);
    }
    expect(items.take(id)).toBeUndefined();
  });

  it('gives a late result to nobody while another waits in its place, which waits on', () => {
    const items = new SentItems<ReturnType<typeof itemOf>>();
    const [gone, waiting] = [itemOf(0), itemOf(1)];
    items.add(gone);
    items.take(gone.id);
    items.add(waiting);
    expect(waiting.id % 65_536).toBe(gone.id % 65_536);
    expect(items.take(gone.id)).toBeUndefined();
    expect(items.size).toBe(1);
    expect(items.take(waiting.id)).toBe(waiting);
  });

  it('goes on after the last turn of a place', () => {
    const items = new SentItems<ReturnType<typeof itemOf>>();
    for (let use = 0; use < 70_000; use += 1) {
      const item = itemOf(use);
      items.add(item);
      if (item.id <= 0 || item.id > 0xffff_ffff) throw new RangeError(`id ${item.id}`);
      items.take(item.id);
    }
    const last = itemOf(0);
    items.add(last);
    expect(items.take(last.id)).toBe(last);
  });

  it('takes all in the order of their calls, and holds a bounded number', () => {
    const items = new SentItems<ReturnType<typeof itemOf>>();
    const [first, second, third] = [itemOf(1), itemOf(2), itemOf(3)] as const;
    for (const item of [itemOf(0), second]) items.add(item);
    items.forEach((item) => {
      if (item.startedAtMs === 0) items.take(item.id);
    });
    items.add(third);
    items.add(first);
    expect(items.takeAll()).toEqual([first, second, third]);
    expect(items.size).toBe(0);
    for (let index = 0; index < 65_536; index += 1) items.add(itemOf(index));
    expect(() => items.add(itemOf(0))).toThrow(RangeError);
  });
});
