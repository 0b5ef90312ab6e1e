import { expect, it } from 'vitest';
import { AorQueue } from './aor-queue.ts';

/** A queue whose writes end when the test says. */
function openQueue() {
  const writes: { aor: string; lot: readonly number[]; end: () => void }[] = [];
  const queue = new AorQueue<number>(
    (aor, lot) =>
      new Promise((resolve) => {
        writes.push({ aor, lot, end: resolve });
      }),
  );
  const endNext = async (index: number) => {
    writes[index]?.end();
    await new Promise(setImmediate);
  };
  return { queue, writes, endNext };
}

it('R10.3-0c: what arrives while a lot is written makes the next lot, in order of arrival', async () => {
  const { queue, writes, endNext } = openQueue();
  for (let update = 0; update < 5; update += 1) queue.add('sip:x', update);
  expect(writes.map(({ lot }) => lot)).toEqual([[0]]);
  await endNext(0);
  expect(writes.map(({ lot }) => lot)).toEqual([[0], [1, 2, 3, 4]]);
  queue.add('sip:x', 5);
  await endNext(1);
  expect(writes.map(({ lot }) => lot)).toEqual([[0], [1, 2, 3, 4], [5]]);
  await endNext(2);
  queue.add('sip:x', 6);
  expect(writes).toHaveLength(4);
});

it('writes different AORs side by side', () => {
  const { queue, writes } = openQueue();
  queue.add('sip:a', 1);
  queue.add('sip:b', 2);
  expect(writes.map(({ aor }) => aor)).toEqual(['sip:a', 'sip:b']);
});

it('bounds a lot, and refuses at once what would wait behind too many', async () => {
  const { queue, writes, endNext } = openQueue();
  for (let update = 0; update < 257; update += 1) queue.add('sip:x', update);
  expect(() => queue.add('sip:x', 257)).toThrow(expect.objectContaining({ reason: 'AOR_BUSY' }));
  await endNext(0);
  expect(writes[1]?.lot).toHaveLength(64);
});
